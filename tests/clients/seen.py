"""What each person may see of Chinook, worked out row by row in Python.

An oracle: it shares no code with the gate and reads neither its catalogue nor its policies, so that a
mistake there is not repeated here. It fills one plain database a person with what that person sees;
a client that asks the gate must then get what the same client gets from that database directly.
"""

import datetime
import decimal
import hashlib
import hmac
import math

NULL = object()


def partial(first, last):
    def mask(value):
        if value is None or len(value) <= first + last:
            return "***"
        return value[:first] + "***" + (value[-last:] if last else "")

    return mask


def constant(text):
    return lambda value: text


def null(value):
    return None


def clear(value):
    return value


def bucket(width):
    def mask(value):
        number = decimal.Decimal(value or 0)
        return str(math.floor(number / width) * width)

    return mask


def decimals(digits):
    def mask(value):
        cut = decimal.Decimal(1).scaleb(-digits)
        number = decimal.Decimal(value or 0)
        return str(number.quantize(cut, rounding=decimal.ROUND_DOWN))

    return mask


def date(unit):
    def mask(value):
        if value is None:
            return "1970-01-01 00:00:00"
        moment = datetime.datetime.fromisoformat(value)
        moment = datetime.datetime(moment.year, moment.month if unit == "month" else 1, 1)
        return moment.isoformat(sep=" ")

    return mask


def domain(name):
    """A pseudonym; the key differs from person to person."""
    return ("pseudonym", name)


# Column: mask. A column that is not here has none and is not there for who may not see it in clear.
MASKS = {
    "customer": {
        "customer_id": domain("customer"),
        "first_name": partial(1, 0),
        "last_name": partial(1, 0),
        "company": null,
        "address": null,
        "city": constant("somewhere"),
        "state": null,
        "country": clear,
        "postal_code": partial(1, 0),
        "phone": partial(0, 2),
        "email": null,
        "support_rep_id": clear,
    },
    "invoice": {
        "invoice_id": domain("invoice"),
        "customer_id": domain("customer"),
        "invoice_date": date("month"),
        "billing_address": null,
        "billing_city": constant("somewhere"),
        "billing_state": null,
        "billing_country": constant("??"),
        "billing_postal_code": null,
        "total": bucket(5),
    },
    "invoice_line": {
        "invoice_line_id": domain("invoice_line"),
        "invoice_id": domain("invoice"),
        "track_id": null,
        "unit_price": decimals(0),
        "quantity": bucket(10),
    },
    "employee": {
        "employee_id": clear,
        "last_name": clear,
        "first_name": clear,
        "title": clear,
        "reports_to": clear,
        "birth_date": date("year"),
        "hire_date": date("year"),
        "address": null,
        "city": constant("somewhere"),
        "state": null,
        "country": clear,
        "postal_code": null,
        "phone": partial(0, 2),
        "email": clear,
    },
}

MUSIC = ["artist", "album", "genre", "media_type", "playlist", "playlist_track", "track"]

# What the grant g-ana-support opens.
GRANTED = {
    "customer": ["customer_id", "first_name", "last_name", "company", "city", "country", "email", "support_rep_id"],
    "invoice": ["invoice_id", "customer_id", "invoice_date", "billing_country", "total"],
    "invoice_line": ["invoice_line_id", "invoice_id", "track_id", "unit_price", "quantity"],
}

# Person, stated purpose, whose rows, whether the grant is theirs, class of recipients.
VIEWS = {
    "ana": ("ana.home", "", "all", False, "person ana.home"),
    "ana_support": ("ana.home", "support", "all", True, "person ana.home"),
    "mei": ("mei.eligible", "", "all", False, "class engineering-singapore"),
    "jun": ("jun.covered", "", "other", False, "class engineering-singapore-covered"),
    "li": ("li.beijing", "", "none", False, "class engineering-beijing"),
}

HOME = {"usa", "us", "united states", "united states of america"}
# Of all names in the data, those that are countries; others are unknown, and unknown counts as home.
ELSEWHERE = {
    "argentina", "australia", "austria", "belgium", "brazil", "canada", "chile", "czech republic", "denmark",
    "finland", "france", "germany", "hungary", "india", "ireland", "italy", "netherlands", "norway", "poland",
    "portugal", "spain", "sweden", "united kingdom",
}


def lives_at_home(country):
    return country is None or country.strip().lower() not in ELSEWHERE


def pseudonym_key(root, name, recipients, purpose):
    """HMAC-SHA-256 under the deployment's root over parts that are preceded by their lengths."""
    parts = b""
    for part in ["cordon/domain/v1", name, recipients, purpose]:
        parts += len(part.encode()).to_bytes(8, "big") + part.encode()
    return hmac.new(root, parts, hashlib.sha256).digest()


def pseudonym(key, value):
    """Four rounds of Feistel over the halves of an int4."""
    if value is None:
        return None
    bits = int(value) & 0xFFFFFFFF
    left, right = bits >> 16, bits & 0xFFFF
    for number in range(1, 5):
        digest = hashlib.sha256(key + bytes([number]) + right.to_bytes(8, "big")).digest()
        left, right = right, left ^ int.from_bytes(digest[:2], "big")
    bits = left << 16 | right
    return str(bits - (1 << 32) if bits >> 31 else bits)


ESCAPES = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def unescape(cell):
    """A cell of COPY's text format."""
    if cell == "\\N":
        return None
    out, characters = [], iter(cell)
    for character in characters:
        out.append(ESCAPES[next(characters)] if character == "\\" else character)
    return "".join(out)


def escape(value):
    if value is None:
        return "\\N"
    for name, character in ESCAPES.items():
        value = value.replace(character, "\\" + name)
    return value


class Raw:
    """The whole unguarded database: table -> (columns, rows as dicts)."""

    def __init__(self, read):
        self.tables = {table: read(table) for table in [*MASKS, *MUSIC]}
        staff = {row["employee_id"]: row["country"] for row in self.tables["employee"][1]}
        homes = {}
        for row in self.tables["customer"][1]:
            colleague = row["support_rep_id"]
            homes[row["customer_id"]] = (
                lives_at_home(row["country"])
                or colleague not in staff
                or lives_at_home(staff[colleague])
            )
        bills = {row["invoice_id"]: homes.get(row["customer_id"], True) for row in self.tables["invoice"][1]}
        self.is_home = {
            "customer": lambda row: homes[row["customer_id"]],
            "invoice": lambda row: bills[row["invoice_id"]],
            "invoice_line": lambda row: bills.get(row["invoice_id"], True),
            "employee": lambda row: lives_at_home(row["country"]),
        }

    def seen(self, view, root):
        """table -> (columns, rows as lists) of what a view shows; None for what is refused."""
        _, purpose, whose, is_granted, recipients = VIEWS[view]
        found = {}
        for table, (columns, rows) in self.tables.items():
            if table in MUSIC:
                found[table] = (columns, [[row[name] for name in columns] for row in rows])
                continue
            if whose == "none":
                found[table] = None
                continue
            masks = dict(MASKS[table])
            for name in GRANTED.get(table, []) if is_granted else []:
                masks[name] = clear
            for name, mask in masks.items():
                if isinstance(mask, tuple):
                    key = pseudonym_key(root, mask[1], recipients, purpose)
                    masks[name] = lambda value, key=key: pseudonym(key, value)
            shown = [name for name in columns if name in masks]
            found[table] = (
                shown,
                [
                    [masks[name](row[name]) for name in shown]
                    for row in rows
                    if whose == "all" or not self.is_home[table](row)
                ],
            )
        return found
