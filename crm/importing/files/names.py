"""The usual names of columns, in the languages that our users' programs speak. They stand here as `name_key` makes
them; the first name found wins."""

from __future__ import annotations

import re
import unicodedata

NAMES: dict[str, tuple[str, ...]] = {
    "email": (
        "email", "emailaddress", "emailaddresses", "emailadress", "mail", "mailaddress", "primaryemail",
        "workemail", "businessemail", "companyemail", "emailwork", "emailprimary", "emailvalue", "personemail",
        "emailadresse", "mailadresse", "geschaftlicheemail", "courriel", "adresseemail", "adressemail",
        "adressedecourriel", "adresseelectronique", "emailprofessionnel", "indirizzoemail", "postaelettronica",
        "indirizzodipostaelettronica", "correo", "correoelectronico", "direcciondecorreo",
        "direcciondecorreoelectronico", "personalemail", "privateemail", "emailhome", "emailprivat", "otheremail",
        "otheremails", "secondaryemail", "alternateemail", "additionalemail", "additionalemails",
        "additionalemailaddress", "additionalemailaddresses", "weitereemail", "weitereemails",
        "weitereemailadressen", "autreemail", "autresemails", "altreemail", "otroscorreos",
    ),
    "phone": (
        "phone", "phonenumber", "phonenumbers", "telephone", "telephonenumber", "tel", "telno", "telnr",
        "businessphone", "workphone", "directphone", "phonework", "phonevalue", "personphone", "telefon",
        "telefonnummer", "telefongeschaftlich", "rufnummer", "telefono", "numeroditelefono", "numerodetelefono",
        "numerodetelephone", "telephoneprofessionnel", "mobile", "mobilephone", "mobilenumber", "mobilephonenumber",
        "phonemobile", "cell", "cellphone", "handy", "handynummer", "mobil", "mobiltelefon", "mobilnummer", "natel",
        "portable", "telephoneportable", "cellulare", "telefonocellulare", "movil", "telefonomovil", "celular",
    ),
    "first_name": (
        "firstname", "givenname", "forename", "personfirstname", "contactfirstname", "fname", "vorname", "rufname",
        "prenom", "nome", "nombre", "nombredepila",
    ),
    "last_name": (
        "lastname", "surname", "familyname", "personlastname", "contactlastname", "lname", "nachname",
        "familienname", "zuname", "nomdefamille", "nom", "cognome", "apellido", "apellidos",
    ),
    "full_name": (
        "fullname", "contactname", "personname", "leadname", "contactperson", "vollstandigername", "vorundnachname",
        "ansprechpartner", "ansprechperson", "kontaktperson", "nomcomplet", "nometprenom", "prenometnom",
        "nomprenom", "prenomnom", "nomecompleto", "nomeecognome", "cognomeenome", "referente", "nombrecompleto",
        "nombreyapellido", "nombreyapellidos", "name", "contact", "kontakt", "contatto", "contacto",
    ),
    "company_name": (
        "company", "companyname", "companyaccount", "organization", "organisation", "organizationname",
        "organisationname", "personorganization", "accountname", "account", "employer",
        "associatedcompany", "firma", "firmenname", "firmierung", "unternehmen", "unternehmensname", "betrieb",
        "societe", "entreprise", "nomdelasociete", "nomdelentreprise", "raisonsociale", "azienda", "societa",
        "ragionesociale", "nomeazienda", "impresa", "empresa", "compania", "nombredelaempresa", "razonsocial",
    ),
    "job_title": (
        "jobtitle", "organizationtitle", "jobposition", "job", "position",
        "role", "jobrole", "funktion", "stelle", "stellenbezeichnung",
        "berufsbezeichnung", "fonction", "poste", "intituleduposte", "ruolo", "posizione", "mansione", "qualifica",
        "funzione", "cargo", "puesto", "puestodetrabajo", "title",
    ),
}  # fmt: skip
ALL = frozenset(name for names in NAMES.values() for name in names)
ADDRESSES = frozenset((*NAMES["email"], *NAMES["phone"]))
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_NO_LETTER = re.compile(r"[\W_\d]+")


def name_key(name: str) -> str:
    """Letters only, without case and accents: "E-Mail 2 – Value" and "email_value" are one name."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return _NO_LETTER.sub("", "".join(letter for letter in plain if not unicodedata.combining(letter)))
