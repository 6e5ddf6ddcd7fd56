"""What is refused most often, in Chinese too: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from gangmu.errors import Problem

IN_CHINESE: Final[Mapping[str, tuple[str, str]]] = {
    "address-long": ("网址太长", "请缩短网址"),
    "changed-meanwhile": ("您打开之后，已有他人保存了该企业", "请重新打开"),
    "columns-many": ("表格的列太多", "请删去规则库不问的列"),
    "failure": ("这里出了差错", "已记录；请重试，或告知管理员"),
    "file-empty": ("没有收到内容", "请把文件作为正文发送"),
    "file-kind": ("这不是此处能读的表格", "请另存为 csv、xlsx 或 parquet"),
    "file-large": ("发送的内容超过上限", "请减少内容，或改用 Parquet"),
    "file-missing": ("没有收到文件", "请选择文件"),
    "file-unreadable": ("无法按 Parquet 读取", "请重新写出，或改用 CSV"),
    "form-foreign": ("该表单不是来自您的会话", "请在本站重新打开"),
    "headers-many": ("请求头太多", "请减少请求头"),
    "host-unknown": ("此处不提供该主机名的服务", "请用 --host-name 指明"),
    "length-twice": ("长度以两种方式给出", "请只保留一种"),
    "not-allowed": ("您的角色不包含此操作", "请询问管理员"),
    "not-found": ("没有找到", ""),
    "rows-many": ("表格的行太多", "请分批发送"),
    "sent-slowly": ("发送得太慢", "请一次发送完"),
    "sign-in": ("账号与密码不符，或尝试次数过多", "请重试，或询问管理员"),
    "sign-in-needed": ("尚未登录", "请登录"),
    "time-over": ("所需时间超过页面的上限", "请减少内容，或上传企业名单"),
    "token-over": ("该令牌未知或已过期", "请新建一个"),
    "too-fast": ("请求太频繁", "请稍等一分钟"),
    "uploads-many": ("贵机构正在上传的文件已达上限", "请等其中一个结束"),
}

OF_THE_REQUEST: Final = frozenset((
    "account", "address", "body", "file", "form", "headers", "here", "host", "request", "sign-in", "token",
    "upload",
))  # fmt: skip
"""What a program is told to look at; a person who reads a sentence need not be."""


def in_chinese(problems: Sequence[Problem]) -> list[Problem]:
    """Problems for somebody who reads Chinese; what has no words here stays as it is."""
    return [
        replace(one, what=IN_CHINESE[one.code][0], todo=IN_CHINESE[one.code][1], expected="")
        if one.code in IN_CHINESE
        else one
        for one in problems
    ]


def for_people(problems: Sequence[Problem], lang: str) -> list[Problem]:
    """Problems as a page shows them: of a file or a row it says which, else the sentence is enough."""
    found = in_chinese(problems) if lang == "zh" else problems
    return [replace(one, where="") if one.where in OF_THE_REQUEST else one for one in found]
