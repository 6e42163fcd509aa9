"""A plugin of pytest that writes the tests of a run to a file.

What pytest prints depends on -q and -v, lies between the lines of a script, and lacks the tests that -k and -m deselect.
These tests exist, so they are in this list. The total counts all collected tests, as pytest's own does.
"""

import os

collected = []
deselected = []


def pytest_itemcollected(item):
    collected.append(item)


def pytest_deselected(items):
    deselected.extend(items)


def pytest_collection_finish(session):
    ids = dict.fromkeys(item.nodeid for item in [*session.items, *deselected])
    with open(os.environ["BEDROCK_FIXTURES_LISTING"], "w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in ids)
        file.write(f"\n{len(collected)} tests collected\n")
