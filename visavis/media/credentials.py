"""Content credentials: every film says of itself that it is synthetic, signed (C2PA 2).

The signer is this installation: a certificate authority and a certificate are made on first use
and kept beside the data. Readers show what is said and that the file was not changed since, and
name the signer as not on the public trust list, until an operator puts a certificate of their own
in its place.
"""

import datetime
import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visavis.errors import MediaError
from visavis.media.target import reserve
from visavis.settings import settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, Name

_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
_MIME = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
"""Files that hold their credentials; beside a WebM they lie in a file of their own."""

_CHAIN, _KEY = "credentials.pem", "credentials.key"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs.

    Attributes:
        chain: certificates in PEM, the signer's first.
        key: the signer's private key (PKCS 8, P-256) in PEM.
    """

    chain: bytes
    key: bytes


def identity(folder: Path | None = None) -> Identity:
    """The identity of this installation, made on first use.

    Args:
        folder: where ``credentials.pem`` and ``credentials.key`` lie; by default in the data
            folder. Put files of your own there to sign in your own name.

    Raises:
        MediaError: the folder cannot be written to, or only one of the two files is there.
    """
    place = folder or settings().data_dir / "credentials"
    chain, key = place / _CHAIN, place / _KEY
    if not chain.exists() and not key.exists():
        try:
            _found(place)
        except OSError as error:
            raise MediaError(
                f"Credentials cannot be kept in {place}: {error.strerror}.",
                "Set VISAVIS_DATA_DIR to a folder you may write to.",
            ) from error
    try:
        return Identity(chain.read_bytes(), key.read_bytes())
    except OSError as error:
        raise MediaError(
            f"Credentials in {place} cannot be read: {error.strerror}.",
            f"Keep {_CHAIN} and {_KEY} together, or remove both to have new ones made.",
        ) from error


def sign(
    path: Path, who: Identity, *, title: str = "", facts: dict[str, Any] | None = None
) -> Path:
    """Put content credentials into a file, in one step.

    Args:
        path: a file that Visavis made.
        who: the signer.
        title: what readers call the file; by default its name.
        facts: more to say, e.g. the kind of avatar; kept under ``org.visavis.production``.

    Returns:
        the file that holds the credentials: `path` itself, or ``<path>.c2pa`` for WebM.

    Raises:
        MediaError: the file cannot be signed.
    """
    import c2pa

    mime = _MIME.get(path.suffix.lower())
    beside = mime is None
    target = path.with_name(f"{path.name}.c2pa") if beside else path
    part = reserve(target)
    try:
        info = c2pa.C2paSignerInfo(
            alg=c2pa.C2paSigningAlg.ES256, sign_cert=who.chain, private_key=who.key, ta_url=None
        )
        with (
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(_manifest(title or path.name, facts or {}))) as builder,
            path.open("rb") as source,
        ):
            if beside:
                builder.set_no_embed()
                with part.open("w+b") as sink, Path(os.devnull).open("w+b") as nowhere:
                    sink.write(builder.sign(signer, "application/octet-stream", source, nowhere))
            else:
                with part.open("w+b") as sink:
                    builder.sign(signer, mime, source, sink)
        part.replace(target)
    except (c2pa.C2paError, OSError) as error:
        raise MediaError(f"{path.name} cannot carry content credentials: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return target


def read_credentials(path: Path) -> dict[str, Any] | None:
    """What a file says about its making; None where it has no credentials.

    Returns:
        the C2PA manifest store as its reference reader gives it, with ``validation_state``.

    Raises:
        MediaError: the credentials are there but cannot be read.
    """
    import c2pa

    mime = _MIME.get(path.suffix.lower())
    beside = path.with_name(f"{path.name}.c2pa")
    if mime is None and not beside.exists():
        return None
    try:
        with path.open("rb") as file:
            store = beside.read_bytes() if mime is None else None
            with c2pa.Reader(mime or "application/octet-stream", file, store) as reader:
                found: dict[str, Any] = json.loads(reader.json())
                return found
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, OSError) as error:
        raise MediaError(f"The credentials of {path.name} cannot be read: {error}.") from error


def _manifest(title: str, facts: dict[str, Any]) -> dict[str, Any]:
    agent = {"name": "Visavis", "version": version("visavis")}
    assertions: list[dict[str, Any]] = [
        {
            "label": "c2pa.actions.v2",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "digitalSourceType": _SOURCE_TYPE,
                        "softwareAgent": agent,
                        "description": "A synthetic talking person.",
                    }
                ]
            },
        }
    ]
    if facts:
        assertions.append({"label": "org.visavis.production", "data": facts})
    return {"claim_generator_info": [agent], "title": title, "assertions": assertions}


def _found(place: Path) -> None:
    """Make an authority and a signer's certificate; the authority's key is thrown away."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def name(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Visavis (this installation)"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, own_name = name("Visavis local authority"), name("Visavis local signer")
    root = _certificate(root_name, root_name, root_key, root_key, None)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    own = _certificate(own_name, root_name, key, root_key, usage)
    pem = serialization.Encoding.PEM
    place.mkdir(parents=True, exist_ok=True)
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _keep(place / _KEY, secret, 0o600)
    _keep(place / _CHAIN, own.public_bytes(pem) + root.public_bytes(pem), 0o644)


def _keep(path: Path, data: bytes, mode: int) -> None:
    """Write a file that nobody sees half of; the first of two processes wins."""
    part = reserve(path)
    try:
        part.chmod(mode)
        part.write_bytes(data)
        os.link(part, path)
    except FileExistsError:
        return
    finally:
        part.unlink(missing_ok=True)


def _certificate(
    subject: "Name",
    issuer: "Name",
    key: "EllipticCurvePrivateKey",
    issuer_key: "EllipticCurvePrivateKey",
    usage: Any,
) -> "Certificate":
    """A certificate by the profile of C2PA; without `usage` that of an authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    authority = usage is None
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if usage is not None:
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
