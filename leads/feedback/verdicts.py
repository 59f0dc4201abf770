"""What a server's refusal means: the address does not exist, not now, or it is about us. Pure.

Words go before codes, because servers mix codes up more often than words: `552 5.1.1 mailbox over quota` is a full
mailbox. Unknown words are a soft bounce: one mail too many does less harm than a reader lost for a full mailbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from leads.models import MailEvent

Kind = MailEvent.Kind

CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.\-])([45]\d\d)(?=[\s#:;,\-]|$)")

# RFC 3463 and the providers' own: bad mailbox, bad system, bad syntax, moved, no such domain, mailbox disabled.
GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1", "5.1.351", "5.4.310"})

SENDERS = frozenset({"5.1.7", "5.1.8"})  # bad address of the sender's

MOST_WORDS = 20_000

_MAILBOX = (
    r"(?:user|recipient|mail ?box|e-?mail address|e-?mail account|address|account|person|addressee|inbox)"
)
_THERE = r"(?:found|exist|known|listed|recogni[sz]ed|valid|available here|a (?:valid|known|local|current)|registered)"

FULL = re.compile(
    r"(?:over|exceed\w*|out of|above|beyond|insufficient|not enough|no more|low)[^.;\n]{0,40}"
    r"(?:quota|storage|disk|space|allocation|size limit|mailbox size|capacity)"
    r"|(?:quota|storage|disk|mail ?box|inbox|mail ?drop|message file|account)[^.;\n]{0,50}"
    r"(?:exceed|(?<!success)full\b|exhaust|too (?:big|large|full)|over (?:quota|limit|its|the)|reached|no space)"
    r"|over ?quota|(?:exceeds|exceeded)[^.;\n]{0,20}(?:allowed size|local limit)|no space left",
    re.IGNORECASE,
)
NOT_NOW = re.compile(
    r"grey ?list|gray ?list|try again|later|temporar|timed? ?out|time-?out|not responding|unreachable host|"
    r"connection refused|lost connection|could not connect|retry|deferred|delayed|expired|being queued|"
    r"too (?:long|many hops)|hop count|loop|at a rate|suspended|locked|on hold",
    re.IGNORECASE,
)
# A program of the receiver's broke down.
BROKEN = re.compile(
    r"could ?n.?t (?:create|open|write|lock|execute)|cannot (?:create|open|write|lock|execute)|permission denied|"
    r"i/o error|internal (?:system |server )?error|configuration error|system resources",
    re.IGNORECASE,
)
# RFC 5321 gives these words to a bad mailbox and to a policy alike.
EITHER = re.compile(
    r"mail ?box (?:is )?unavailable|account (?:has been|is|was) (?:disabled|suspended|locked)", re.IGNORECASE
)
# Against the one who sends: their address, server, list entry, signature or content.
SENDER = re.compile(
    r"sender|your (?:ip|host|server|mail ?server|domain|network)\b|client host|"
    r"reverse|\brdns\b|\bptr\b|\bhelo\b|\behlo\b|sending ip|"
    r"\bfrom:? (?:address|header|domain|field)|mail ?from domain|envelope.from|originat",
    re.IGNORECASE,
)
ABOUT_US = re.compile(
    r"spam|\bspf\b|\bdkim\b|dmarc|senderid|sender id|black ?list|block ?list|blocked|banned|reputation|"
    r"\b(?:d?ns)?[rd]?bl\b|spamhaus|barracuda|sorbs|proofpoint|policy|polic(?:y|ies) reason|relay|authenticat|"
    r"not authori[sz]ed|access denied|denied|forbidden|prohibited|unsolicited|virus|malware|infected|"
    r"content (?:reject|filter|not)|message (?:rejected|refused|not accepted|content)|mail reject|"
    r"too many (?:connections|messages|recipients|errors)|rate limit|throttl|daily (?:limit|relay)|"
    r"(?:message|mail|line|header)[^.;\n]{0,20}(?:too (?:big|large|long)|size|limit)|duplicate header|"
    r"multiple addresses|rfc ?5?[238]?22|not compliant|\btls\b|encrypt|open proxy|dynamic|listed (?:in|by|on|at)",
    re.IGNORECASE,
)
NOBODY = re.compile(
    rf"(?:unknown|no such|non-?exist[ae]nt|invalid|illegal|bad(?: destination)?|undefined|unrecogni[sz]ed|incorrect)"
    rf"\W{{0,3}}(?:or \w+\W)?(?:local |virtual |remote |internal |network |e-?mail )?{_MAILBOX}"
    rf"|{_MAILBOX}[^.;\n]{{0,60}}(?:unknown|n[o']t (?:currently )?{_THERE}|n[o']t (?:be )?{_THERE}|cannot be found|"
    rf"could ?n.?t be (?:found|delivered to)|no longer (?:exist|valid|active|in use|available|with|works?)|"
    r"non-?exist|invalid|is inactive|has been (?:deleted|removed|closed|discontinued|deactivated)|"
    r"possibly incorrect|has moved|moved to)"
    r"|(?:does|do|did)(?: not|n.?t) (?:exist|have (?:an? )?[\w. -]{0,40}account)|no (?:mail ?box|account|user|"
    r"recipient)\b[^.;\n]{0,20}(?:here|by|with|of)"
    r"|(?:not|n.?t)[^.;\n]{0,30}(?:in|from) (?:the |our )?(?:\w+ )?(?:name & address book|directory|user list)"
    r"|not our customer|recipnotfound|recipientnotfound|adr\.recip|unknown[ -](?:or illegal )?alias|nosuchuser|"
    r"no ?(?:one|body) (?:by that name|at this address)|no longer (?:employed|works|with|accepts? mail)|"
    r"no valid recipients?|"
    r"badrcptto|validrcptto|not an active address|account (?:is )?(?:inactive|unavailable)|recipient not ok|"
    r"#?5\.1\.0 address rejected|recipient address rejected: access denied|has been replaced by|"
    r"not (?:a )?(?:local|registered) (?:address|user|recipient)",
    re.IGNORECASE,
)
NOWHERE = re.compile(
    r"(?:host|domain|system|server|mail server|destination)(?: or domain)?(?: name)?[^.;\n]{0,40}"
    r"(?:not found|unknown|does not exist|doesn.?t exist|non-?exist|invalid|not known|is not (?:reachable|valid))"
    r"|(?:unknown|no such|invalid|bad|illegal|unresolvable) (?:host|domain|destination|system)"
    r"|name or service not known|nxdomain|unrouteable (?:address|mail domain)|unroutable|no route to (?:domain|"
    r"recipient)"
    r"|(?:recipient |destination )?domain must exist|mail receiving disabled|no smtp service here"
    r"|(?:null|no valid|no) mx\b|mx records? (?:points?|is|are)[^.;\n]{0,20}(?:non|invalid|null)"
    r"|(?:does|do)(?: not|n.?t) (?:accept|receive|handle) (?:any )?(?:e-?)?mail\b(?! from)"
    r"|(?:can ?not|could ?n.?t|unable to) (?:find|resolve)[^.;\n]{0,40}(?:host|domain|address|mx)",
    re.IGNORECASE,
)
# The same in other tongues.
NOBODY_ELSEWHERE = re.compile(
    r"(?:empf[äa]nger|benutzer|postfach|adresse|konto|destinataire|utilisateur|bo[îi]te|compte|destinatario|"
    r"utente|casella|"
    r"usuario|buz[óo]n|cuenta|usu[áa]rio)[^.;\n]{0,60}(?:unbekannt|ung[üu]ltig|nicht (?:gefunden|bekannt|vorhanden)|"
    r"existiert nicht|inconnue?|introuvable|invalide|n.existe pas|sconosciut|inesistente|non (?:esiste|valid)|"
    r"desconocid|inexistente|no existe|no v[áa]lid|desconhecid|n[ãa]o existe)"
    r"|(?:unbekannter|ung[üu]ltiger) (?:empf[äa]nger|benutzer)|見つかりません|存在しません|не (?:найден|"
    r"существует)|(?<!可能)不存在",
    re.IGNORECASE,
)
# The mailbox was known at RCPT: what refuses after the mail itself is a filter, whatever it calls the person.
AFTER_DATA = re.compile(
    r"(?:end of |reply to |after )+(?:the )?(?:end of )?data\b|\bdata command|command:?\s+data\b|>>> (?:data|\.)\s|"
    r"did not like our (?:final )?data|for text command",
    re.IGNORECASE,
)


# Refused before anybody was named, so it is about us.
BEFORE_RCPT = re.compile(
    r"(?:after|reply to) (?:pipelined )?mail from|(?:after|reply to) (?:initial connection|ehlo|helo|connect)|"
    r"did not like our (?:mail from|ehlo|helo|greeting)|refused to talk to me",
    re.IGNORECASE,
)
# Without a server's code these are hearsay.
SAID_BY_ANYBODY = re.compile(r"user unknown|unknown user", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """`sure`: words or a code said so; else it is the answer to silence."""

    kind: str
    sure: bool


HARD = Verdict(Kind.HARD_BOUNCE, True)
SOFT = Verdict(Kind.SOFT_BOUNCE, True)
US = Verdict(Kind.REFUSED_US, True)
UNSURE = Verdict(Kind.SOFT_BOUNCE, False)


def verdict(words: str, *, status: str = "") -> Verdict:
    """Of the server's words, and its enhanced status where one came apart from them."""
    code = code_of(words) or code_of(status)
    if FULL.search(words) or code == "5.2.2":
        return SOFT
    if re.search("nxdomain", words, re.IGNORECASE):  # given up, whatever the status says
        return HARD
    if BEFORE_RCPT.search(words):
        return SOFT if _is_temporary(words, code) else US
    gone = _gone(words)
    if code in SENDERS or (SENDER.search(words) and not gone):
        return US
    if _is_temporary(words, code):
        return US if ABOUT_US.search(words) else SOFT
    if BROKEN.search(words) or (code not in GONE and EITHER.search(words)):
        return SOFT
    if gone:
        return _of_gone(words, code)
    if ABOUT_US.search(words) or code.startswith("5.7."):
        return US
    if NOT_NOW.search(words):
        return SOFT
    return HARD if code in GONE else UNSURE


def of_notice(text: str, *, status: str = "") -> Verdict:
    """Of a notice written for people: first of the paragraphs that quote a server, then of all."""
    text = text[:MOST_WORDS]
    quoted = "\n".join(one for one in re.split(r"\n\s*\n", text) if CODE.search(one) or REPLY.search(one))
    found = verdict(quoted, status=status) if quoted else UNSURE
    found = found if found.sure else verdict(text, status=status)
    doubted = found == HARD and (code_of(text) or code_of(status)) not in GONE and AFTER_DATA.search(text)
    return SOFT if doubted else found


def _is_temporary(words: str, code: str) -> bool:
    return code.startswith("4.") or (not code and reply_of(words).startswith("4"))


def _gone(words: str) -> bool:
    """Words say that there is nobody, or no such place, and do not say it of the sender."""
    for pattern in (NOBODY, NOWHERE, NOBODY_ELSEWHERE):
        for found in pattern.finditer(words):
            if not SENDER.search(words[max(0, found.start() - 80) : found.end() + 20]):
                return True
    return False


def _of_gone(words: str, code: str) -> Verdict:
    if code in GONE:
        return HARD
    if AFTER_DATA.search(words):
        return SOFT
    hearsay = SAID_BY_ANYBODY.search(words) and not (code or reply_of(words))
    return SOFT if hearsay else HARD


def code_of(words: str) -> str:
    """The first enhanced status (RFC 3463) that says more than `5.0.0`, else the first, else nothing."""
    found = [".".join(one) for one in CODE.findall(words)]
    telling = [one for one in found if not one.endswith(".0.0")]
    return (telling or found or [""])[0]


def reply_of(words: str) -> str:
    """The three digits of an SMTP reply, if the words hold one."""
    found = REPLY.search(words)
    return found[1] if found else ""
