"""Our own mailbox (INBOX_URL): a mail folder, and a server that speaks IMAP."""

import re
import socket
import threading
from contextlib import suppress

import pytest

from leads.inbox import intake, mailbox
from leads.inbox.mailbox import MailboxBroken, fetch
from leads.models import Inbound
from leads.tests.answers_world import LATER, a_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, settings):
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    settings.INBOX = {"kind": "maildir", "folder": str(tmp_path / "mail")}
    return tmp_path / "mail"


def put(folder, number: int, place: str = "new", flags: str = ""):
    (folder / place / f"{number}.host{flags}").write_bytes(a_reply(None, number=number))


def kept() -> list[str]:
    return list(Inbound.objects.order_by("pk").values_list("key", flat=True))


def test_no_mailbox_is_no_trouble(settings):
    settings.INBOX = {}
    assert fetch(at=LATER) == {}


def test_new_mail_of_a_folder_is_stored_and_then_marked_as_read(folder):
    put(folder, 1)
    put(folder, 2, "cur", ":2,")
    put(folder, 3, "cur", ":2,RS")
    assert fetch(at=LATER) == {"fetched": 2}
    assert kept() == ["<reply1@maasland.example>", "<reply2@maasland.example>"]
    assert sorted(file.name for file in (folder / "cur").iterdir()) == [
        "1.host:2,S",
        "2.host:2,S",
        "3.host:2,RS",
    ]
    assert fetch(at=LATER) == {"fetched": 0}


def test_a_crash_after_storing_fetches_again_and_stores_once(folder, monkeypatch):
    put(folder, 1)
    monkeypatch.setattr(mailbox.Path, "rename", lambda *names: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fetch(at=LATER)
    assert (folder / "new" / "1.host").exists()
    monkeypatch.undo()
    fetch(at=LATER)
    assert kept() == ["<reply1@maasland.example>"]


def test_nothing_is_marked_before_it_is_stored(folder, monkeypatch):
    put(folder, 1)
    monkeypatch.setattr(mailbox, "keep_mail", lambda raw, at: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fetch(at=LATER)
    assert (folder / "new" / "1.host").exists()


def test_a_run_is_bounded_in_mails_and_in_bytes(folder, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST", 2)
    monkeypatch.setattr(mailbox, "MOST_BYTES", 300)
    for number in range(3):
        put(folder, number)
    assert fetch(at=LATER) == {"fetched": 2}
    assert fetch(at=LATER) == {"fetched": 1}
    assert max(len(bytes(row.body)) for row in Inbound.objects.all()) <= 300


def test_a_folder_that_is_none_is_said_in_one_line(settings, tmp_path):
    settings.INBOX = {"kind": "maildir", "folder": f"{tmp_path}/nowhere"}
    with pytest.raises(MailboxBroken, match=r"INBOX_URL: .*/nowhere is no mail folder"):
        fetch(at=LATER)


class Imap:
    """A server that knows the few words the fetcher says. `mails`: number → (raw, flags)."""

    def __init__(self, password: str = "pa ss", folders: tuple[str, ...] = ("INBOX",)) -> None:
        self.mails: dict[int, tuple[bytes, set[str]]] = {}
        self.moved: list[int] = []
        self.password, self.folders, self.said = password, folders, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self.socket.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as stream, suppress(ValueError, OSError):
                self._talk(stream)

    def _talk(self, stream) -> None:
        self._say(stream, b"* OK ready")
        for raw in stream:
            tag, _blank, words = raw.decode().strip().partition(" ")
            self.said.append(words)
            good = self._answer(stream, words)
            self._say(
                stream, f"{tag} {'OK' if good else 'NO'} {'done' if good else 'no such thing'}".encode()
            )
            if words == "LOGOUT":
                return

    def _say(self, stream, line: bytes) -> None:
        stream.write(line + b"\r\n")
        stream.flush()

    def _answer(self, stream, words: str) -> bool:
        if words.startswith("CAPABILITY"):
            self._say(stream, b"* CAPABILITY IMAP4rev1")
        if words.startswith("LOGIN"):
            return words == f'LOGIN bounces "{self.password}"'
        if words.startswith("SELECT"):
            self._say(stream, f"* {len(self.mails)} EXISTS".encode())
            return words.split('"')[1] in self.folders
        if words.startswith("UID SEARCH"):
            found = [
                str(n) for n, (_raw, flags) in self.mails.items() if "ALL" in words or "\\Seen" not in flags
            ]
            self._say(stream, f"* SEARCH {' '.join(found)}".encode())
        number = (
            int(re.search(r"UID \w+ (\d+)", words)[1]) if re.match(r"UID (FETCH|STORE|COPY)", words) else 0
        )
        if words.startswith("UID FETCH"):
            raw = self.mails[number][0]
            self._say(stream, f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}".encode())
            stream.write(raw + b")\r\n")
        if words.startswith("UID STORE"):
            self.mails[number][1].add(re.search(r"\((.+)\)", words)[1])
        if words.startswith("UID COPY"):
            self.moved.append(number)
            return words.split('"')[1] in self.folders
        if words == "EXPUNGE":
            self.mails = {n: mail for n, mail in self.mails.items() if "\\Deleted" not in mail[1]}
        return True


@pytest.fixture
def server(settings):
    server = Imap(folders=("INBOX", "Done"))
    for number in (7, 8):
        server.mails[number] = (a_reply(None, number=number), set())
    settings.INBOX = {
        "kind": "imap", "host": "127.0.0.1", "port": server.port, "ssl": False, "starttls": False,
        "user": "bounces", "password": "pa ss", "folder": "INBOX", "move": "",
    }  # fmt: skip
    yield server
    server.socket.close()


def test_new_mail_of_a_server_is_stored_and_then_marked_as_read(server):
    server.mails[8][1].add("\\Seen")
    assert fetch(at=LATER) == {"fetched": 1}
    assert kept() == ["<reply7@maasland.example>"]
    assert server.mails[7][1] == {"\\Seen"}
    assert fetch(at=LATER) == {"fetched": 0}


def test_mail_is_moved_where_that_is_asked_for(server, settings):
    settings.INBOX = {**settings.INBOX, "move": "Done"}
    assert fetch(at=LATER) == {"fetched": 2}
    assert (server.moved, server.mails) == ([7, 8], {})


def test_a_crash_before_marking_fetches_again_and_stores_once(server, monkeypatch):
    monkeypatch.setattr(mailbox, "_settle", lambda *words: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fetch(at=LATER)
    monkeypatch.undo()
    assert fetch(at=LATER) == {"fetched": 2}
    assert Inbound.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "wrong"}, "no such thing"),
        ({"folder": "Nowhere"}, "there is no folder Nowhere"),
        ({"port": 1}, "refused"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_said_in_one_line_without_its_password(
    server, settings, change, words
):
    settings.INBOX = {**settings.INBOX, **change}
    with pytest.raises(MailboxBroken) as broken:
        fetch(at=LATER)
    assert words in str(broken.value)
    assert str(broken.value).startswith("INBOX_URL: bounces at 127.0.0.1: ")
    assert "pa ss" not in str(broken.value)
    assert not Inbound.objects.exists()


def test_a_server_that_hangs_up_in_the_middle_is_a_broken_mailbox(server, monkeypatch):
    monkeypatch.setattr(Imap, "_answer", lambda self, stream, words: stream.close())
    with pytest.raises(MailboxBroken):
        fetch(at=LATER)


def test_what_was_fetched_is_worked_on_by_the_other_job(server):
    fetch(at=LATER)
    assert intake.work_due(at=LATER) == {"other": 2}
