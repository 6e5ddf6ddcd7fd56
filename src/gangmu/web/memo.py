"""An answer as a Word memo, laid out by a template: the institution's own, or a plain one of ours.

A template is a .docx whose text holds fields of docxtpl (`{{ name }}`, `{%p for one in sections %}`). It is
from outside, so a sandbox fills it in. This is the one module that touches python-docx and docxtpl.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from gangmu.book import Book
from gangmu.engine.interpreter import Run
from gangmu.errors import GangmuError, Problem
from gangmu.report.glance import sections
from gangmu.report.tracked_page import Version
from gangmu.report.words import say as say_report
from gangmu.report.words import standing_text
from gangmu.web.words import say

MAX_TEMPLATE = 5 << 20
MAX_UNPACKED = 50 << 20
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def memo(book: Book, evidence: object, name: str, as_of: date, lang: str) -> dict[str, Any]:
    """What a memo tells: the fields that a template may name."""
    result = book.assess(evidence, as_of)
    [item] = result.answers
    told = sections(Run(book.model, item.case, item.as_of), result.rules, item.answers, lang)
    return {
        "name": name,
        "as_of": as_of.isoformat(),
        "rulebook": f"{book.name} {book.model.version}",
        "digest": book.digest[:12],
        "standing": standing_text(lang, say_report(lang, "on that day", day=as_of.isoformat())),
        "sections": [
            {
                "label": one.label,
                "lines": [
                    {"label": line.label, "verdict": str(line.verdict), "more": line.figures or line.remark}
                    for line in one.lines
                ],
                "not_asked": one.not_asked,
            }
            for one in told
            if one.lines
        ],
    }


def write_memo(fields: Mapping[str, Any], template: bytes | None, lang: str, kind: str = "memo") -> bytes:
    """The memo, or briefing, as .docx. Raises `GangmuError` for a template that cannot be filled in."""
    from docxtpl import DocxTemplate
    from jinja2.exceptions import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    if template is not None:
        check_template(template)
    document = DocxTemplate(io.BytesIO(template or PLAIN[kind](lang)))
    out = io.BytesIO()
    try:
        document.render(dict(fields), SandboxedEnvironment(), autoescape=True)
        document.save(out)
    except (TemplateError, ValueError, KeyError, TypeError) as error:
        what = f"the template cannot be filled in: {error}"
        raise GangmuError(
            Problem("template-invalid", "template", what, "fields of docs/web.md", "mend it")
        ) from error
    return out.getvalue()


def check_template(content: bytes) -> None:
    """Whether it is a Word document of bounded size. Raises `GangmuError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            names, size = set(file.namelist()), sum(one.file_size for one in file.infolist())
    except zipfile.BadZipFile:
        names, size = set(), 0
    if "word/document.xml" not in names or size > MAX_UNPACKED or len(content) > MAX_TEMPLATE:
        raise GangmuError(
            Problem("template-invalid", "template", "this is no Word document of at most 5 MiB", "a .docx")
        )


def plain_template(lang: str) -> bytes:
    """Our own template, made here."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.styles["Normal"].font.size = Pt(10.5)
    document.add_heading("{{ name }}", 0)
    document.add_paragraph(f"{say('as of', lang)} {{{{ as_of }}}} · {{{{ rulebook }}}} · {{{{ digest }}}}")
    document.add_paragraph("{{ standing }}")
    document.add_paragraph("{%p for one in sections %}")
    document.add_heading("{{ one.label }}", 1)
    document.add_paragraph("{%p for line in one.lines %}")
    document.add_paragraph(
        "{{ line.label }}: {{ line.verdict }}{% if line.more %} ({{ line.more }}){% endif %}", "List Bullet"
    )
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endfor %}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def briefing(version: Version, book: Book) -> dict[str, Any]:
    """What a briefing on the plan tells: targets task by task, how many stand how."""
    lang, day = version.lang, version.result.as_of.isoformat()
    return {
        "name": version.title,
        "as_of": day,
        "rulebook": f"{book.name} {book.model.version}",
        "digest": book.digest[:12],
        "standing": standing_text(lang, say_report(lang, "on that day", day=day)),
        "counts": [{"status": words, "n": count} for _, words, count in version.counts],
        "tasks": [
            {
                "label": label,
                "targets": [
                    {
                        name: getattr(one, name)
                        for name in ("label", "base", "aim", "latest", "pace", "status")
                    }
                    for one in targets
                ],
            }
            for label, targets in version.tasks
            if targets
        ],
        "notes": version.notes,
    }


def plain_briefing(lang: str) -> bytes:
    """Our own template of a briefing, made here."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.styles["Normal"].font.size = Pt(10.5)
    document.add_heading("{{ name }}", 0)
    document.add_paragraph("{{ rulebook }} · {{ digest }}")
    document.add_paragraph("{{ standing }}")
    document.add_paragraph("{% for one in counts %}{{ one.status }}: {{ one.n }}   {% endfor %}")
    document.add_paragraph("{%p for task in tasks %}")
    document.add_heading("{{ task.label }}", 1)
    heads = ("indicator", "start", "target", "latest", "state")
    table = document.add_table(rows=4, cols=len(heads), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = say_report(lang, f"col {head}")
    table.rows[1].cells[0].text = "{%tr for line in task.targets %}"
    for cell, name in zip(table.rows[2].cells, ("label", "base", "aim", "latest", "status"), strict=True):
        cell.text = f"{{{{ line.{name} }}}}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p for note in notes %}")
    document.add_paragraph("{{ note }}")
    document.add_paragraph("{%p endfor %}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def template_of(folder: Path, institution: str, kind: str = "memo") -> bytes | None:
    """The template that an institution keeps for memos or briefings, if any."""
    path = _place(folder, institution, kind)
    return path.read_bytes() if path.is_file() else None


def keep_template(folder: Path, institution: str, content: bytes, kind: str = "memo") -> None:
    """Keep a template of an institution. Raises `GangmuError` for what is none."""
    if kind not in PLAIN:
        raise GangmuError(Problem("template-kind", "kind", f"there is no `{kind[:20]}`", ", ".join(PLAIN)))
    check_template(content)
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{institution}.arriving"
    aside.write_bytes(content)
    aside.replace(_place(folder, institution, kind))


def _place(folder: Path, institution: str, kind: str) -> Path:
    return folder / (f"{institution}.docx" if kind == "memo" else f"{institution}.{kind}.docx")


PLAIN: Final[Mapping[str, Callable[[str], bytes]]] = {"memo": plain_template, "briefing": plain_briefing}
