#!/usr/bin/env python3
"""Checks HL7 v2.5 messages with hl7apy, none of whose code is ours: check_hl7.py FOLDER...

Every *.hl7 below the folders is decoded by its MSH-18, parsed and validated strictly. Beside that, what a schema does
not say: line ends, escape sequences closed within their field, each tube with its container and tests, each test with
its OBR. Exits 1 and names file and reason when a message is wrong, when a folder has none, or when hl7apy is missing.
"""

import pathlib
import re
import sys
import tempfile

STRUCTURES = {
    "OML": "OML_O33",
    "ORL": "ORL_O34",
    "OUL": "OUL_R22",
    "ORU": "ORU_R01",
    "ACK": "ACK",
}


def decoded(raw):
    """Text and character set, by MSH-18 alone: no guessing here."""
    head = raw.split(b"\r", 1)[0].split(b"|")
    if len(head) < 18:
        raise ValueError("MSH-18: missing")
    told = head[17].decode("ascii")
    if told == "UNICODE UTF-8":
        return raw.decode("utf-8"), "utf-8"
    if told == "~ISO IR87":
        return raw.decode("iso2022_jp"), "iso2022_jp"
    raise ValueError(f"MSH-18: {told!r} is neither of the two character sets")


def check_bytes(raw, charset):
    """Segments end with CR alone, and no run of kanji crosses a field."""
    if not raw.endswith(b"\r") or b"\n" in raw:
        raise ValueError("segments must end with CR, and nothing else")
    if charset != "iso2022_jp":
        if b"\x1b" in raw:
            raise ValueError("an escape sequence in a UTF-8 message")
        return
    wide = False
    at = 0
    while at < len(raw):
        if raw[at : at + 3] == b"\x1b$B":
            if wide:
                raise ValueError(f"byte {at}: a run of kanji inside another")
            wide, at = True, at + 3
        elif raw[at : at + 3] == b"\x1b(B":
            if not wide:
                raise ValueError(f"byte {at}: the end of a run that never began")
            wide, at = False, at + 3
        elif raw[at] == 0x1B:
            raise ValueError(f"byte {at}: another escape sequence than $B and (B")
        elif wide:
            if raw[at] < 0x21 or raw[at] > 0x7E or raw[at + 1] < 0x21 or raw[at + 1] > 0x7E:
                raise ValueError(f"byte {at}: a separator inside a run of kanji")
            at += 2
        else:
            if raw[at] > 0x7E or (raw[at] < 0x20 and raw[at] != 0x0D):
                raise ValueError(f"byte {at}: not ASCII outside a run of kanji")
            at += 1
    if wide:
        raise ValueError("a run of kanji is not closed")


def mod_11_10(number):
    """Whether ISO/IEC 7064 MOD 11,10 holds over all digits of a specimen number."""
    product = 10
    for digit in number[:-1]:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return (product + int(number[-1])) % 10 == 1


def specimen_number(field):
    number = field.split("^")[0].split("&")[0]
    if not re.fullmatch(r"[0-9]{12}", number) or not mod_11_10(number):
        raise ValueError(f"SPM-2: {number!r} is no specimen number")
    return number


def check_order(rows):
    """Each tube with its container and at least one test; every number once."""
    tubes, placers, current = set(), set(), None
    for place, fields in enumerate(rows):
        name = fields[0]
        if name == "SPM":
            if current == 0:
                raise ValueError("SPM: a tube without a test")
            number = specimen_number(fields[2])
            if number in tubes:
                raise ValueError(f"SPM-2: {number} twice")
            tubes.add(number)
            current = 0
            if rows[place + 1][0] != "SAC" or rows[place + 1][3] != number:
                raise ValueError(f"SAC-3: not the number of the tube {number}")
        elif name == "ORC":
            if fields[1] not in ("NW", "CA"):
                raise ValueError(f"ORC-1: {fields[1]!r}")
            if fields[2] in placers:
                raise ValueError(f"ORC-2: {fields[2]} twice")
            placers.add(fields[2])
            names = [row[0] for row in rows[place + 1 : place + 3]]
            if names != ["TQ1", "OBR"]:
                raise ValueError(f"ORC {fields[2]}: followed by {names}")
            if rows[place + 2][2] != fields[2]:
                raise ValueError(f"OBR-2: another number than ORC-2 {fields[2]}")
            current += 1
    if not current:
        raise ValueError("ORC: no test")


def check_result(rows):
    """Each value with its test, a known status, and a flag that is a code alone."""
    seen = 0
    for fields in rows:
        if fields[0] == "SPM":
            specimen_number(fields[2])
        if fields[0] != "OBX":
            continue
        seen += 1
        fields = fields + [""] * (20 - len(fields))
        if fields[11] not in ("P", "F", "C", "X"):
            raise ValueError(f"OBX-11: {fields[11]!r}")
        if fields[8] not in ("N", "H", "L", "HH", "LL", "A"):
            raise ValueError(f"OBX-8: {fields[8]!r}")
        if not fields[5] and fields[11] != "X":
            raise ValueError("OBX-5: empty")
    if not seen:
        raise ValueError("OBX: none")


# Where segments belong: path of groups below the message, and whether the segment opens the last of them.
PLACES = {
    "OML_O33": {
        "NTE": ([], False),
        "PID": (["PATIENT"], True),
        "PV1": (["PATIENT", "PATIENT_VISIT"], True),
        "SPM": (["SPECIMEN"], True),
        "SAC": (["SPECIMEN"], False),
        "ORC": (["SPECIMEN", "ORDER"], True),
        "TQ1": (["SPECIMEN", "ORDER", "TIMING"], True),
        "OBR": (["SPECIMEN", "ORDER", "OBSERVATION_REQUEST"], True),
    },
    "ORL_O34": {
        "MSA": ([], False),
        "ERR": ([], False),
        "PID": (["RESPONSE", "PATIENT"], True),
        "SPM": (["RESPONSE", "PATIENT", "SPECIMEN"], True),
        "ORC": (["RESPONSE", "PATIENT", "SPECIMEN", "ORDER"], True),
    },
}


def grouped(rows, structure, strict):
    """A message with its groups laid out by hand.

    The parser is greedy: the second test of an order is a prior result to it, the second tube of an answer belongs to
    the test before.
    """
    from hl7apy.core import Message
    from hl7apy.parser import parse_segment

    message = Message(structure, version="2.5", validation_level=strict)
    message.msh = "|".join(rows[0])
    opened = {}
    for fields in rows[1:]:
        path, opens = PLACES[structure][fields[0]]
        if opens:
            opened = {key: group for key, group in opened.items() if len(key) < len(path)}
        parent = message
        for depth in range(1, len(path) + 1):
            key = tuple(path[:depth])
            if key not in opened:
                opened[key] = parent.add_group(f"{structure}_{path[depth - 1]}")
            parent = opened[key]
        parent.add(parse_segment("|".join(fields), version="2.5", validation_level=strict))
    return message


def leaves(element):
    """Segments in their order, out of all groups."""
    for child in element.children:
        if child.classname == "Segment":
            yield child
        else:
            yield from leaves(child)


def check(path, parse_message, strict):
    raw = path.read_bytes()
    text, charset = decoded(raw)
    check_bytes(raw, charset)
    rows = [line.split("|") for line in text.split("\r") if line]
    structure = STRUCTURES.get(rows[0][8].split("^")[0])
    if structure in PLACES:
        message = grouped(rows, structure, strict)
    else:
        message = parse_message(text, validation_level=strict, find_groups=True)
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as report:
        valid = message.validate(report_file=report.name)
        # The validator's own words; warnings about tables are not errors.
        said = [line.strip() for line in report if line.startswith("Error")]
    if said or not valid:
        raise ValueError("; ".join(said) or "not valid")
    code = text.split("\r", 1)[0].split("|")[8].split("^")
    if code[2:] != [STRUCTURES.get(code[0])]:
        raise ValueError(f"MSH-9: {code}")
    if [segment.name for segment in leaves(message)] != [row[0] for row in rows]:
        raise ValueError("the parser has other segments than the text")
    if code[0] == "OML":
        check_order(rows)
    elif code[0] in ("OUL", "ORU"):
        check_result(rows)
    return code[0], charset


def main():
    try:
        from hl7apy.consts import VALIDATION_LEVEL
        from hl7apy.parser import parse_message
    except ImportError:
        print("check_hl7: hl7apy is missing; run packaging/checkers.sh and use its Python", file=sys.stderr)
        return 1
    wrong, counted = 0, {}
    for folder in sys.argv[1:]:
        files = sorted(pathlib.Path(folder).rglob("*.hl7"))
        if not files:
            print(f"{folder}: no .hl7 file", file=sys.stderr)
            wrong += 1
        for path in files:
            try:
                kind = check(path, parse_message, VALIDATION_LEVEL.STRICT)
                counted[kind] = counted.get(kind, 0) + 1
            except Exception as error:  # whatever it is, it names the file
                print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
                wrong += 1
    for (kind, charset), count in sorted(counted.items()):
        print(f"{kind} {charset}: {count}")
    return 1 if wrong or not counted else 0


if __name__ == "__main__":
    sys.exit(main())
