"""What the engines of the second rule set are asked, and the codes that its enterprises have."""

from __future__ import annotations

from datetime import date

DAY = date(2025, 6, 30)
TRUTHS = [
    "open_now",
    "watch",
    "clean",
    "route_new",
    "route_known",
    "route_far",
    "pays",
    "earns",
    "permit_live",
]
NUMBERS = [
    "points",
    "priority",
    "bonus",
    "rights_points",
    "revenue3",
    "best",
    "inventions",
    "designs",
    "fresh",
]
ASKED = [*TRUTHS, *NUMBERS]

EAST = ["11", "12", "31", "32", "33", "35", "37", "44", "46"]
MIDDLE = ["14", "34", "36", "41", "42", "43"]
NORTHEAST = ["21", "22", "23"]
WEST = ["13", "15", "45", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"]
INDUSTRIES = ["3911", "6311", "6420", "6490", "6513", "4411", "4610", "7721", "0610", "2511", "3011", "3110",
              "1311", "1411", "5211", "6110", "7011", "8211"]  # fmt: skip
FORMS = ["private", "state", "foreign", "mixed"]
STAGES = ["seed", "growth", "mature"]
KINDS = ["invention", "model", "design"]
FLAGS = ["fined", "audited", "insured", "exporter", "standard_setter", "in_park", "listed", "award"]
