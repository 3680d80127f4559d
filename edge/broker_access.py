"""What it takes to get at the configured broker: address, credentials, certificates. For all who connect to it."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigError
from edge.secret_files import read_secret
from edge.settings import MqttSettings

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to get at a broker, with what belongs to it already checked. password is read anew at every connection."""

    settings: MqttSettings
    client_id: str
    context: ssl.SSLContext | None

    @property
    def address(self) -> str:
        """host:port."""
        return f"{self.settings.host}:{self.settings.port}"

    def unreachable(self, error: BaseException | None) -> str:
        """Why no connection came about, and what to look at."""
        if isinstance(error, ssl.SSLCertVerificationError):
            why = error.verify_message.rstrip(".")
            return f"{self.address}: its certificate is not trusted ({why}); check host and ca_file"
        if isinstance(error, ssl.SSLError | ConnectionResetError) and self.context is not None:
            return f"{self.address} does not take TLS ({error}); check the port, or set tls = false"
        if isinstance(error, socket.gaierror):
            return f"{self.address} cannot be reached ({error.strerror}); check host"
        said = f" ({error})" if error is not None else ""
        return f"{self.address} cannot be reached{said}; check host and port, and that the broker runs"

    def hung_up(self, why: str) -> str:
        """What to look at where a broker ends a connection before it has said anything."""
        hint = "check the port" if self.context is not None else "if it wants TLS, set tls = true"
        return f"{why} before an answer; {hint}"


def check_access(settings: MqttSettings, client_id: str) -> Access:
    """ConfigError: a certificate or password file that cannot be used."""
    read_password(settings)
    context = None
    if encrypts(settings):
        try:
            context = ssl.create_default_context(cafile=settings.ca_file)
            if settings.cert_file:
                context.load_cert_chain(settings.cert_file, settings.key_file)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(f for f in (settings.ca_file, settings.cert_file, settings.key_file) if f)
            raise ConfigError(f"[mqtt]: {files}: no usable certificate ({error}); give PEM files") from error
    return Access(settings=settings, client_id=client_id, context=context)


def encrypts(settings: MqttSettings) -> bool:
    """As set; unless set, whenever the broker is not on this very box."""
    return settings.tls if settings.tls is not None else settings.host not in LOOPBACK


def read_password(settings: MqttSettings) -> str | None:
    """The password, or None where none is set. ConfigError: the file is missing or others may read it."""
    if settings.password_file is None:
        return None
    path = Path(settings.password_file)
    try:
        return read_secret(path).rstrip("\r\n")
    except ConfigError as error:
        raise ConfigError(f"[mqtt] password_file: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"[mqtt] password_file: {path} cannot be read ({why}); check the path") from error
