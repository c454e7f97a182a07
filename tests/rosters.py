"""Sample rosters, made in memory, with invented names."""

import csv
import io
import zipfile

TABLES = {
    "orgs": [{"sourcedId": "s1", "name": "Lyceum", "type": "school"}],
    "academicSessions": [
        {"sourcedId": "t1", "title": "Jaar", "type": "schoolYear", "startDate": "2026-08-01", "endDate": "2027-07-31", "schoolYear": "2027"}
    ],
    "courses": [{"sourcedId": "wi", "title": "Wiskunde", "orgSourcedId": "s1", "subjects": ""}],
    "classes": [
        {"sourcedId": "k2b", "title": "Klas 2b", "classCode": "2b", "courseSourcedId": "wi", "classType": "homeroom",
         "schoolSourcedId": "s1", "termSourcedIds": "t1"},
        {"sourcedId": "w2b", "title": "Wiskunde 2b", "classCode": "2b.wi", "courseSourcedId": "wi", "classType": "scheduled",
         "schoolSourcedId": "s1", "termSourcedIds": "t1"},
    ],
    "users": [
        {"sourcedId": "u1", "enabledUser": "true", "orgSourcedIds": "s1", "role": "student", "username": "Noor", "givenName": "Noor",
         "familyName": "el Amrani", "agentSourcedIds": "u4"},
        {"sourcedId": "u2", "enabledUser": "true", "orgSourcedIds": "s1", "role": "teacher", "username": "dewit",
         "givenName": "Marleen", "familyName": "de Wit", "password": "geheim123"},
        {"sourcedId": "u3", "enabledUser": "true", "orgSourcedIds": "s1", "role": "teacher", "username": "smit",
         "givenName": "Carla", "familyName": "Smit"},
        {"sourcedId": "u4", "enabledUser": "true", "orgSourcedIds": "s1", "role": "parent", "username": "fatima",
         "givenName": "Fatima", "familyName": "Amrani"},
    ],
    "enrollments": [
        {"sourcedId": "e1", "classSourcedId": "k2b", "schoolSourcedId": "s1", "userSourcedId": "u1", "role": "student"},
        {"sourcedId": "e2", "classSourcedId": "k2b", "schoolSourcedId": "s1", "userSourcedId": "u3", "role": "teacher", "primary": "true"},
        {"sourcedId": "e3", "classSourcedId": "w2b", "schoolSourcedId": "s1", "userSourcedId": "u1", "role": "student",
         "beginDate": "2026-09-01", "endDate": "2027-06-30"},
        {"sourcedId": "e4", "classSourcedId": "w2b", "schoolSourcedId": "s1", "userSourcedId": "u2", "role": "teacher"},
    ],
}  # fmt: skip


def tables(**changes):
    """The sample's tables; a change is a function of the copied rows of one table."""
    copied = {name: [dict(row) for row in rows] for name, rows in TABLES.items()}
    for name, change in changes.items():
        copied[name] = change(copied[name]) or copied[name]
    return copied


def as_csv(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def made(rows=None, *, version="1.1", kind="bulk", extra=None, without=()):
    """The zip of these tables; `extra` files are added, those in `without` left out."""
    rows = rows or tables()
    manifest = [("manifest.version", "1.0"), ("oneroster.version", version), *((f"file.{name}", kind) for name in rows)]
    files = {"manifest.csv": as_csv([{"propertyName": name, "value": value} for name, value in manifest])}
    files |= {f"{name}.csv": as_csv(table) for name, table in rows.items()}
    files |= extra or {}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if name not in without:
                archive.writestr(name, text)
    return content.getvalue()


def in_1_2():
    """The same school in OneRoster 1.2: roles stand in a table of their own."""
    rows = tables()
    rows["roles"] = [
        {"sourcedId": f"r{number}", "userSourcedId": user["sourcedId"], "roleType": "primary", "role": user.pop("role"),
         "orgSourcedId": "s1"}
        for number, user in enumerate(rows["users"])
    ]  # fmt: skip
    for user in rows["users"]:
        del user["orgSourcedIds"]
    return made(rows, version="1.2.1")
