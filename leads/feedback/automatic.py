"""Is this mail a machine's answer (RFC 3834)? Pure. Such an answer is no reply and no sign of interest."""

from __future__ import annotations

import re
from email.message import Message

from leads.feedback.parts import header

# Programs say so; a person's mail program never does. Not `list`: a colleague's reply may come by way of a group.
_PRECEDENCE = ("auto_reply", "auto-reply", "autoreply", "bulk", "junk")
_OWN_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoreply-From", "X-Mail-Autoreply")
# At the beginning of a subject, or standing alone in it: people write "out of office hours" in the middle.
_SUBJECT = re.compile(
    r"^(?:\W|re:|aw:|sv:|tr:|rv:|r:|antw:)*(?:"
    r"auto(?:matic|matische?|matisch|matique|matica|mática|mated|m)?[ :._-]?(?:reply|replied|response|"
    r"responder|antwort|answer)|"
    r"(?:automatische|autom\.) (?:antwort|abwesenheit|beantwoording)|automatisch antwoord|autosvar|automatisk svar|"
    r"r[ée]ponse automatique|risposta automatica|respuesta autom[áa]tica|resposta autom[áa]tica|"
    r"odpowied[źz] automatyczna|"
    r"(?:i am |i'm |we are )?(?:currently )?out of (?:the )?office(?! hours)|ooo\b|abwesenheit|"
    r"nicht im (?:b[üu]ro|haus)|"
    r"(?:absence|absent) (?:du|de) bureau|je suis absent|en cong[ée]|fuori (?:sede|ufficio)|fuera de (?:la )?oficina|"
    r"(?:on |annual )?(?:vacation|holiday|maternity leave|parental leave|annual leave)(?: (?:reply|notice|"
    r"message|response))?\W*$|"
    r"away from (?:my |the )?(?:office|mail|desk|e-?mail)|afwezig(?:heid)?|自動(?:応答|返信)|不在(?:通知|の)|"
    r"自动(?:回复|答复)|автоответ"
    r")",
    re.IGNORECASE,
)


def is_automatic(mail: Message) -> bool:
    """By its headers, an empty return path, or the beginning of its subject."""
    said = header(mail, "Auto-Submitted").lower()
    if said and not said.startswith("no"):
        return True
    if header(mail, "Precedence").lower() in _PRECEDENCE or any(name in mail for name in _OWN_HEADERS):
        return True
    return has_no_return_path(mail) or bool(_SUBJECT.match(header(mail, "Subject")))


def has_no_return_path(mail: Message) -> bool:
    """`Return-Path: <>`: nobody is to be answered."""
    return "Return-Path" in mail and header(mail, "Return-Path").strip(" <>") in ("", "MAILER-DAEMON")
