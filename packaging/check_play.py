#!/usr/bin/env python3
"""Checks what a play left behind, without the program's own code: the report, each picture as a PNG, the
symbols on what was printed, and what was sent.

usage: check_play.py OUT
"""
import json
import pathlib
import struct
import subprocess
import sys
import zlib

STEPS = ["sign in", "reception list", "arrival", "search", "scan", "unknown card", "state change", "line cut",
         "profile", "red band", "confirmed", "offline", "restart", "arrived",
         "sticker", "day sheet", "lab order", "labels", "tube scanned", "wrong tube", "batch sent", "results confirmed",
         "result chart", "results printed"]
# Kinds of papers, and as what each comes out.
PAPERS = {"sticker": ".zpl", "label": ".zpl", "results": ".pdf", "day-sheet": ".pdf"}
ARRIVAL_MS = 2_000


def fail(text):
    sys.exit(f"check_play: {text}")


def png_colours(path):
    """Number of different pixel values on a sample of rows: a blank window has one or two."""
    data = path.read_bytes()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        fail(f"{path} is not a PNG")
    pos, raw, width, height, kind = 8, b"", 0, 0, 0
    while pos < len(data):
        size, name = struct.unpack(">I4s", data[pos : pos + 8])
        body = data[pos + 8 : pos + 8 + size]
        if zlib.crc32(name + body) != struct.unpack(">I", data[pos + 8 + size : pos + 12 + size])[0]:
            fail(f"{path} is damaged")
        if name == b"IHDR":
            width, height, _, kind = struct.unpack(">IIBB", body[:10])
        elif name == b"IDAT":
            raw += body
        pos += 12 + size
    if (width, height) < (1024, 700):
        fail(f"{path} is only {width}x{height}")
    channels = {2: 3, 6: 4}.get(kind) or fail(f"{path} has colour type {kind}")
    rows = zlib.decompress(raw)
    stride = width * channels + 1
    sample = set()
    for y in range(0, height, 16):
        row = rows[y * stride + 1 : (y + 1) * stride]
        sample.update(row[x : x + channels] for x in range(0, len(row), channels * 3))
    return len(sample)


def check_budget(step):
    """Keys and touches are the program's doing, so all are held to their budget. Time also depends on the
    machine and what else runs there: only the promised two seconds for an arrival are held to it."""
    name, budget = step["name"], step["budget"] or {}
    most = budget.get("touches")
    if most is not None and step["keys"] + step["touches"] > most:
        fail(f"step {name!r}: {step['keys']} keys and {step['touches']} touches, budget {most}")
    if "arrival" in name:
        if budget.get("ms") != ARRIVAL_MS:
            fail(f"step {name!r}: the budget is {budget.get('ms')} ms instead of {ARRIVAL_MS}")
        if step["within_budget"] is not True or step["ms"] > ARRIVAL_MS:
            fail(f"step {name!r}: took {step['ms']} ms, budget {ARRIVAL_MS}")


def symbol(picture):
    """What zbarimg, which is not ours, reads from a picture."""
    command = ["zbarimg", "-q", "--raw", "--set", "codabar.enable=1", str(picture)]
    read = subprocess.run(command, capture_output=True, text=True, check=False)
    return read.stdout.split()


def check_papers(out):
    """Each kind of paper came out; every symbol on labels and stickers is read back; sheets are PDF."""
    papers = sorted((out / "papers").iterdir())
    for kind, ending in PAPERS.items():
        if not any(f"-{kind}-" in p.name and p.suffix == ending for p in papers):
            fail(f"no paper of kind {kind!r} with {ending} among {[p.name for p in papers]}")
    tubes = set()
    for paper in papers:
        if paper.suffix == ".pdf" and not paper.read_bytes().startswith(b"%PDF-"):
            fail(f"{paper} is not a PDF")
        if paper.suffix == ".zpl" and paper.read_bytes().count(b"^XA") != paper.read_bytes().count(b"^XZ"):
            fail(f"{paper} holds a label that does not end")
        if paper.suffix != ".png" or not ("-label-" in paper.name or "-sticker-" in paper.name):
            continue
        read = symbol(paper)
        if len(read) != 1:
            fail(f"{paper}: zbarimg reads {read} instead of one symbol")
        if "-label-" in paper.name:
            tubes.add(read[0].strip("ABCD"))
    sent = sorted((out / "sent").glob("lab-*.hl7"))
    if not sent:
        fail("nothing was sent to the laboratory")
    told = b"".join(message.read_bytes() for message in sent).decode("utf-8")
    specimens = {line.split("|")[3] for line in told.split("\r") if line.startswith("SAC|")}
    if not specimens or not specimens <= tubes:
        fail(f"sent specimens {sorted(specimens)}, labels {sorted(tubes)}")
    return len(papers), len(sent)


def main():
    out = pathlib.Path(sys.argv[1])
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    if report["outcome"] != "ok":
        fail(f"outcome: {report['outcome']}")
    names = [step["name"] for step in report["steps"]]
    for wanted in STEPS:
        if not any(wanted in name for name in names):
            fail(f"no step named {wanted!r} among {names}")
    for step in report["steps"]:
        picture = out / step["screenshot"]
        if not picture.is_file():
            fail(f"step {step['name']!r}: no picture {picture}")
        if png_colours(picture) < 8:
            fail(f"step {step['name']!r}: the picture is blank")
        for key in ("ms", "keys", "touches"):
            if step[key] < 0:
                fail(f"step {step['name']!r}: {key} is negative")
        check_budget(step)
    if len(report["scans"]) < 3:
        fail("fewer than three scans measured")
    if report["cold_start_ms"] <= 0 or report["peak_rss_mb"] <= 0:
        fail("cold start or memory were not measured")
    papers, sent = check_papers(out)
    print(f"check_play: {len(names)} steps, {len(report['scans'])} scans, all pictures drawn, "
          f"{papers} papers, {sent} messages")


main()
