"""Invented people and the invented plants they work for. All mail domains end in .example."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.demo.world import World, dice
from leads.models import Company, Person

# country: share of companies, dialling code with an area, zone, places, first names, last names
LANDS: dict[str, tuple[float, str, str, str, str, str]] = {
    "DE": (0.30, "49305550", "Europe/Berlin", "Eberswalde Kassel Ulm Bremen Zwickau Siegen Lüneburg Bamberg",
           "Helene Jürgen Anke Stefan Lena Matthias Sabine Uwe Katrin Dirk Nadine Holger Miriam Thorsten Jana Ralf "
           "Britta Lukas Carola Bernd Svenja Niklas",
           "Marquardt Pahl Aurich Grabner Hollmann Reiss Dietz Kröger Wenzel Obermann Lindner Fuhrmann Stahl Brandes "
           "Hagedorn Köhler Riedel Voss Tiemann Bergner Seidel Ahrens Kolbe Thielen"),
    "CH": (0.16, "41445550", "Europe/Zurich", "Winterthur Langenthal Thun Frauenfeld Olten Aarau",
           "Judith Reto Beat Ursina Marco Nicole Andri Flurina Urs Corina Daniel Sandra Livia Roger",
           "Wenger Brunner Zgraggen Caflisch Ammann Bürgi Tschudi Lüthi Hofstetter Kälin Moser Widmer Arnold Bieri"),
    "AT": (0.07, "4315550", "Europe/Vienna", "Steyr Leoben Wels Dornbirn",
           "Ilse Gerald Martina Florian Eva Georg Sigrid Manuel Doris Christoph",
           "Grabherr Pichler Wimmer Egger Haslinger Leitner Steindl Kogler Fink Moosbrugger"),
    "FR": (0.09, "3315550", "Europe/Paris", "Grenoble Roanne Cholet Mulhouse",
           "Emeric Amira Claire Julien Nathalie Baptiste Solène Olivier Élodie Mathieu",
           "Dubois Benali Renard Chevallier Marchand Garnier Perrin Lacombe Fontaine Vasselin"),
    "IT": (0.10, "39025550", "Europe/Rome", "Brescia Modena Vicenza Lecco",
           "Chiara Matteo Paolo Giulia Lorenzo Elena Davide Silvia Andrea Marta",
           "Montesi Ferrin Serrani Galli Bonetti Zanella Rossini Colombo Bassi Tedesco"),
    "NL": (0.07, "31205550", "Europe/Amsterdam", "Venlo Hengelo Delft Breda",
           "Piet Anneke Wouter Renske Joost Femke Bram Marieke Sander Lotte",
           "Verhaag Claes Bakema Hoekstra Vermeer Dijkstra Postma Kuipers Mulder Brouwer"),
    "SE": (0.06, "4685550", "Europe/Stockholm", "Falun Örebro Luleå Gävle",
           "Elin Lars Sunniva Henrik Maja Johan Karin Erik Sofia Anders",
           "Sjöberg Engström Haugland Bojsen Norrby Lindahl Ekman Sundin Åberg Wikström"),
    "PL": (0.07, "48225550", "Europe/Warsaw", "Gliwice Rzeszów Toruń Elbląg",
           "Katarzyna Tomasz Marek Agnieszka Piotr Monika Paweł Ewa Rafał Joanna",
           "Wrona Kubiak Dolezal Zielińska Halasz Sikora Mazur Wójcik Lis Kaczmarek"),
    "GB": (0.06, "44205550", "Europe/London", "Sheffield Leith Stroud Derby",
           "Owen Fiona Ruth Dermot Noor Alistair Priya Gareth Imogen Callum",
           "Tadlock Carrick Abernethy Kiely Haddad Pennington Marsh Ellwood Thorne Rigby"),
    "US": (0.02, "12125550", "America/New_York", "Akron Duluth", "Dana Cole Brett Paige", "Whitlow Harker Stroud Penn"),
}  # fmt: skip
STEMS = [
    "Oder", "Brack", "Sieg", "Rhön", "Mur", "Kempen", "Lorne", "Alvor", "Tolvar", "Maas", "Valder", "Noord",
    "Warta", "Wisłok", "Emmen", "Hardang", "Dalar", "Brenta", "Esino", "Slaney", "Clyde", "Forth", "Pennine",
    "Limf", "Sázava", "Urume", "Ibai", "Eems", "Törn", "Aller", "Wümme", "Isel", "Lech", "Traun", "Ybbs",
    "Ill", "Ticin", "Adda", "Oglio", "Doubs", "Isère", "Loire", "Vecht", "Dommel", "Ume", "Klar", "Noteć",
    "Bóbr", "Teme", "Nidd", "Orrin", "Havel", "Saale", "Ems", "Glems", "Kander", "Sense",
]  # fmt: skip
# industry: share, endings of company names
TRADES: dict[str, tuple[float, str]] = {
    "Food and drink": (0.21, "Dairies|Brewing|Molkerei|Foods|Sauces|Beverages|Mälzerei"),
    "Paper and packaging": (0.12, "Papier|Packaging|Karton|Tissue|Cartons"),
    "Chemicals": (0.12, "Chemie|Coatings|Polymers|Resins|Pigments"),
    "Metal and machines": (0.19, "Gear Works|Wellen|Drivetrain|Castings|Forge|Antriebe|Pumps"),
    "Water and energy": (0.11, "Water|Energie|Utilities|Heat|Biogas"),
    "Plastics and textiles": (0.12, "Plastics|Textil|Fibres|Foils"),
    "Trade and services": (0.13, "Consulting|Trading|Logistics|Engineering Office"),
}
# persona: share, titles from the first mover to the boss
TITLES: dict[str, tuple[float, str]] = {
    "reliability": (0.34, "Maintenance technician|Reliability engineer|Maintenance manager|Head of maintenance|"
                          "Condition monitoring lead"),
    "plant": (0.22, "Plant manager|Production manager|Head of production|Operations director|Works manager|Owner"),
    "process": (0.24, "Process engineer|Utilities engineer|Automation engineer|Head of process technology|"
                "Technologist"),
    "quality": (0.14, "Quality engineer|Head of quality|Instrumentation lead|Calibration technician|Metrology lead"),
    "": (0.06, "Buyer|Controller|IT administrator|Sales representative|Assistant to the management"),
}  # fmt: skip


def plain(text: str) -> str:
    """Lower-case ASCII letters of a name, for an address."""
    text = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("ć", "c")
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")


def pick(die: random.Random, table: dict[str, tuple]) -> str:
    """A key of a table whose first column is its share."""
    return die.choices(list(table), [row[0] for row in table.values()])[0]


@dataclass
class Town:
    """All companies and people so far; makes new ones whose addresses and numbers are free."""

    world: World
    companies: list[Company] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    phones: int = 100

    def found_companies(self, number: int) -> None:
        die = dice("companies")
        while len(self.companies) < number:
            self.company(die)

    def company(self, die: random.Random, **said: object) -> Company:
        land, trade = pick(die, LANDS), pick(die, TRADES)
        name = str(
            said.pop("name", "")
        ) or f"{die.choice(STEMS)}{die.choice(('', 'tal', 'werk', 'berg', 'haven', 'ford'))} " + die.choice(
            TRADES[trade][1].split("|")
        )
        domain = f"{plain(name)}.example"
        if domain in self.taken:
            place = die.choice(LANDS[land][3].split())
            name, domain = f"{name} {place}", f"{plain(name)}-{plain(place)}.example"
        if domain in self.taken:
            return self.company(die, **said)
        self.taken.add(domain)
        year = self.world.today.year
        age = int(die.lognormvariate(3.3, 0.7)) + 2
        columns = {
            "name": name, "domain": domain, "industry": trade, "country": land,
            "size": max(4, int(die.lognormvariate(4.5, 1.3))), "city": die.choice(LANDS[land][3].split()),
            "founded_year": year - (age + 3 if 4 <= age <= 7 else age), "created_at": self.world.now,
        }  # fmt: skip
        company = self.world.add(Company(**{**columns, **said}))
        self.companies.append(company)
        self.weights.append(die.paretovariate(1.6))
        return company

    def person(self, die: random.Random, *, at: datetime, quality: float, **said: object) -> Person:
        """Somebody new: of a company mostly, with a title that fits what they look for. `quality` 0…1."""
        company: Any = said.pop("company", None) or self._employer(die, quality)
        land = company.country if company else pick(die, LANDS)
        first, last = die.choice(LANDS[land][4].split()), die.choice(LANDS[land][5].split())
        first, last = str(said.pop("first_name", first)), str(said.pop("last_name", last))
        title = str(said.pop("job_title", "") or self._title(die, company, quality))
        domain = company.domain if company else f"{die.choice(('hochschule', 'mailkasten', 'uni'))}.example"
        email = self._address(first, last, str(domain))
        phone, key = self._phone(die, land) if die.random() < 0.45 else ("", None)
        return self.world.add(
            Person(
                first_name=first, last_name=last, email=email, email_key=email, phone=phone, phone_key=key,
                job_title=title, company=company, company_name=company.name if company else "", country=land,
                language="en", time_zone=LANDS[land][2], created_at=at, **said,
            )
        )  # fmt: skip

    def _employer(self, die: random.Random, quality: float) -> Company | None:
        if die.random() > 0.86 + 0.12 * quality:
            return None
        one, other = die.choices(self.companies, self.weights, k=2)
        fits = (one.industry != "Trade and services", 60 <= (one.size or 0) <= 1200)
        return one if die.random() > quality or all(fits) else other

    def _title(self, die: random.Random, company: Company | None, quality: float) -> str:
        if company is None:
            return die.choice(("Student", "Student of mechanical engineering", "Consultant", "", ""))
        if die.random() > 0.8 + 0.19 * quality:
            return ""
        titles = TITLES[pick(die, TITLES)][1].split("|")
        return titles[min(int(die.betavariate(1.2 + quality, 1.9) * len(titles)), len(titles) - 1)]

    def _address(self, first: str, last: str, domain: str) -> str:
        stem, number = f"{plain(first)}.{plain(last)}", 1
        address = f"{stem}@{domain}"
        while address in self.taken:
            number += 1
            address = f"{stem}{number}@{domain}"
        self.taken.add(address)
        return address

    def _phone(self, die: random.Random, land: str) -> tuple[str, str]:
        self.phones += 1
        key = f"+{LANDS[land][1]}{self.phones:04d}"
        return f"+{LANDS[land][1][:2]} {LANDS[land][1][2:]} {self.phones:04d}", key
