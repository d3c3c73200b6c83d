"""The answer to a login or a switch of identity."""

from __future__ import annotations

from collections.abc import Sequence

from connector.standin.checking import Json
from connector.standin.sessions import Session
from connector.standin.timeline import Setup

LOGINS = {"api/login/": "v1", "api/login/v2/": "v2", "api/login/v3/": "v3"}
_STORES = {"CHO_XU_LY": "Chờ xử lý", "DA_XU_LY": "Đã xử lý", "DA_PHAT_HANH": "Đã phát hành"}


def welcome(session: Session, setup: Setup, others: Sequence[str]) -> Json:
    """``others``: identities that may be switched to. Like the real one it repeats the password."""
    stores = (*setup.incoming_documents_kho, setup.issued_documents_kho)
    return {
        "username": session.account.username,
        "password": session.account.password,
        "fullName": "Tài khoản kết nối mẫu",
        "avatar": "",
        "unitId": session.identity,
        "unitName": setup.identities.get(session.identity, session.identity),
        "agent": "mau",
        "agentInfo": "",
        "token": session.token,
        "kho": list(stores),
        "multilPrimary": "false",
        "switchUser": [{"userid": one, "name": setup.identities.get(one, one)} for one in others],
        "commentFinish": False,
        "briefDisplay": True,
        "menu": [
            {"name": "Văn bản đến", "child": [_menu(kho) for kho in setup.incoming_documents_kho]},
            {"name": "Văn bản đi", "child": [_menu(setup.issued_documents_kho)]},
        ],
        "roles": ["CHUYENVIEN"],
        "configs": {"LICH_TUAN_MOBILE_DISPLAY": "1"},
        "calendarDisplay": "true",
    }


def _menu(kho: str) -> Json:
    return {"name": next((name for end, name in _STORES.items() if kho.endswith(end)), kho), "param": kho}
