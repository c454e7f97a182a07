"""Sample rosters, made in memory, with invented names."""

import csv
import io
import zipfile

SCHOOL = "s1"
SAMPLE_TABLES = {
    "orgs": [{"sourcedId": SCHOOL, "name": "Lyceum", "type": "school"}],
    "academicSessions": [
        {
            "sourcedId": "t1",
            "title": "Jaar",
            "type": "schoolYear",
            "startDate": "2026-08-01",
            "endDate": "2027-07-31",
            "schoolYear": "2027",
        }
    ],
    "courses": [{"sourcedId": "wi", "title": "Wiskunde", "orgSourcedId": SCHOOL, "subjects": ""}],
    "classes": [
        {
            "sourcedId": "k2b",
            "title": "Klas 2b",
            "classCode": "2b",
            "courseSourcedId": "wi",
            "classType": "homeroom",
            "schoolSourcedId": SCHOOL,
            "termSourcedIds": "t1",
        },
        {
            "sourcedId": "w2b",
            "title": "Wiskunde 2b",
            "classCode": "2b.wi",
            "courseSourcedId": "wi",
            "classType": "scheduled",
            "schoolSourcedId": SCHOOL,
            "termSourcedIds": "t1",
        },
    ],
    "users": [
        {
            "sourcedId": "u1",
            "enabledUser": "true",
            "orgSourcedIds": SCHOOL,
            "role": "student",
            "username": "Noor",
            "givenName": "Noor",
            "familyName": "el Amrani",
            "agentSourcedIds": "u4",
        },
        {
            "sourcedId": "u2",
            "enabledUser": "true",
            "orgSourcedIds": SCHOOL,
            "role": "teacher",
            "username": "dewit",
            "givenName": "Marleen",
            "familyName": "de Wit",
            "password": "geheim123",
        },
        {
            "sourcedId": "u3",
            "enabledUser": "true",
            "orgSourcedIds": SCHOOL,
            "role": "teacher",
            "username": "smit",
            "givenName": "Carla",
            "familyName": "Smit",
        },
        {
            "sourcedId": "u4",
            "enabledUser": "true",
            "orgSourcedIds": SCHOOL,
            "role": "parent",
            "username": "fatima",
            "givenName": "Fatima",
            "familyName": "Amrani",
        },
    ],
    "enrollments": [
        {
            "sourcedId": "e1",
            "classSourcedId": "k2b",
            "schoolSourcedId": SCHOOL,
            "userSourcedId": "u1",
            "role": "student",
        },
        {
            "sourcedId": "e2",
            "classSourcedId": "k2b",
            "schoolSourcedId": SCHOOL,
            "userSourcedId": "u3",
            "role": "teacher",
            "primary": "true",
        },
        {
            "sourcedId": "e3",
            "classSourcedId": "w2b",
            "schoolSourcedId": SCHOOL,
            "userSourcedId": "u1",
            "role": "student",
            "beginDate": "2026-09-01",
            "endDate": "2027-06-30",
        },
        {
            "sourcedId": "e4",
            "classSourcedId": "w2b",
            "schoolSourcedId": SCHOOL,
            "userSourcedId": "u2",
            "role": "teacher",
        },
    ],
}


def sample_tables(**changes):
    """Return the tables of the sample; a change is a function of the copied rows of one table."""
    copied = {name: [dict(row) for row in rows] for name, rows in SAMPLE_TABLES.items()}
    for name, change in changes.items():
        copied[name] = change(copied[name]) or copied[name]
    return copied


def to_csv_bytes(rows):
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def build_roster_zip(rows=None, *, version="1.1", kind="bulk", extra=None, without=()):
    """Return the zip of these tables; `extra` files are added, those in `without` left out."""
    rows = rows or sample_tables()
    properties = {"manifest.version": "1.0", "oneroster.version": version}
    properties |= {f"file.{name}": kind for name in rows}
    manifest = [{"propertyName": name, "value": value} for name, value in properties.items()]
    files = {"manifest.csv": to_csv_bytes(manifest)}
    files |= {f"{name}.csv": to_csv_bytes(table) for name, table in rows.items()}
    files |= extra or {}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            if name not in without:
                archive.writestr(name, text)
    return content.getvalue()


def build_zip_in_1_2():
    """Return the same school in OneRoster 1.2, where roles have a table of their own."""
    rows = sample_tables()
    rows["roles"] = []
    for number, user in enumerate(rows["users"]):
        del user["orgSourcedIds"]
        role = {
            "sourcedId": f"r{number}",
            "userSourcedId": user["sourcedId"],
            "roleType": "primary",
            "role": user.pop("role"),
            "orgSourcedId": SCHOOL,
        }
        rows["roles"].append(role)
    return build_roster_zip(rows, version="1.2.1")


def user(external_id, role, *, children=(), username=None):
    """Return the row of a person, whose names are made of their id."""
    return {
        "sourcedId": external_id,
        "enabledUser": "true",
        "orgSourcedIds": SCHOOL,
        "role": role,
        "username": username or f"r-{external_id}",
        "givenName": external_id.capitalize(),
        "familyName": "van het Rooster",
        "agentSourcedIds": ",".join(children),
    }


def build_year_zip(ends_in, *, groups, courses, guardians=(), extra=(), days=("08-01", "07-31")):
    """Return the zip of one school year, which ends in the year `ends_in`.

    `groups`: by id the code, the students, the mentor. `courses`: by id the code, the students, the
    teachers. `guardians`: by id their children. `extra`: teachers who are in no class.
    """
    term = f"t{ends_in}"
    year = {
        "sourcedId": term,
        "title": "Jaar",
        "type": "schoolYear",
        "startDate": f"{ends_in - 1}-{days[0]}",
        "endDate": f"{ends_in}-{days[1]}",
        "schoolYear": str(ends_in),
    }
    classes, enrollments, roles = [], [], dict.fromkeys(extra, "teacher")
    for class_type, table in (("homeroom", groups), ("scheduled", courses)):
        for external_id, (code, students, teachers) in table.items():
            classes.append(
                {
                    "sourcedId": external_id,
                    "title": f"Klas {code}",
                    "classCode": code,
                    "courseSourcedId": "wi",
                    "classType": class_type,
                    "schoolSourcedId": SCHOOL,
                    "termSourcedIds": term,
                }
            )
            for role, people in (("student", students), ("teacher", teachers)):
                roles |= dict.fromkeys(people, role)
                enrollments += [
                    {
                        "sourcedId": f"{external_id}-{person}",
                        "classSourcedId": external_id,
                        "schoolSourcedId": SCHOOL,
                        "userSourcedId": person,
                        "role": role,
                    }
                    for person in people
                ]
    users = [user(person, role) for person, role in roles.items()]
    users += [user(person, "parent", children=own) for person, own in dict(guardians).items()]
    tables = {
        "orgs": [{"sourcedId": SCHOOL, "name": "Lyceum", "type": "school"}],
        "academicSessions": [year],
        "courses": [{"sourcedId": "wi", "title": "Wiskunde", "orgSourcedId": SCHOOL}],
        "classes": classes,
        "users": users,
        "enrollments": enrollments,
    }
    return build_roster_zip(tables)
