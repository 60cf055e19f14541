"""A real mail server, aiosmtpd, that takes mails only over STARTTLS and from whoever signs in.

python smtp.py USER PASSWORD REFUSED

It makes an authority and a certificate for `localhost`, and prints one JSON object a line: first where it listens and
who vouches for it, then each mail as Python's own parser reads it. The first REFUSED mails are answered with 451, as
servers that greylist do.
"""

import asyncio
import datetime
import json
import ssl
import sys
import tempfile
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def say(what):
    print(json.dumps(what), flush=True)


def certificate(common_name, extension, issuer=None):
    """A key, and a certificate for it by the issuer (or by itself)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issuer_key, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, name)
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(extension, critical=False)
    )
    return key, builder.sign(issuer_key, hashes.SHA256())


def pem(made):
    return made.public_bytes(serialization.Encoding.PEM)


def tls():
    """What the server speaks TLS with, and who vouches for it."""
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    authority = certificate("Tests' authority", server)
    name = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    key, leaf = certificate("localhost", name, authority)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "server.pem")
        file.write_bytes(private + pem(leaf))
        context.load_cert_chain(file)
    return context, pem(authority[1]).decode()


class Mailbox:
    """Says each mail that comes."""

    def __init__(self, refused):
        self.refused = refused

    async def handle_DATA(self, server, session, envelope):
        is_refused = self.refused > 0
        self.refused -= is_refused
        mail = message_from_bytes(envelope.content, policy=policy.default)
        say({
            "refused": is_refused,
            "tls": session.ssl is not None,
            "signed_in": bool(session.authenticated),
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "parts": {
                part.get_content_type(): part.get_content()
                for part in mail.walk()
                if not part.is_multipart()
            },
            "type": mail.get_content_type(),
            "defects": [repr(defect) for part in mail.walk() for defect in part.defects],
            "lines_too_long": max(map(len, envelope.content.split(b"\r\n"))) > 998,
        })
        return "451 4.7.1 come again later" if is_refused else "250 2.0.0 taken"


async def main():
    user, password, refused = sys.argv[1:]
    context, authority = tls()
    mailbox = Mailbox(int(refused))

    def authenticate(_server, _session, _envelope, _mechanism, said):
        right = (said.login, said.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False)

    def connected():
        return SMTP(
            mailbox,
            hostname="localhost",
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    say({"port": server.sockets[0].getsockname()[1], "authority": authority})
    await server.serve_forever()


asyncio.run(main())
