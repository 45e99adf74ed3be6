"""Keywords of sshd_config(5): what each may be, and which open nothing whatever they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """The values that a keyword may have. One that not every sshd prints may be absent.

    Where `words` is set each word of a value has to be one of them.
    """

    values: tuple[str, ...]
    optional: bool = False
    words: bool = False

    def allows(self, value: str | None) -> bool:
        if value is None:
            return self.optional
        return {*value.split()} <= {*self.values} if self.words else value in self.values


NO, YES, NONE = Rule(("no",)), Rule(("yes",)), Rule(("none",))
NO_IF_ANY = Rule(("no",), optional=True)
ABSENT = Rule((), optional=True)
# Every keyword that lets somebody in, changes who a person then is or what root or he then runs, or
# shows a file. That of the keys' files is the want's own.
KEYWORDS: Mapping[str, Rule] = {
    "PubkeyAuthentication": YES,
    "AuthenticationMethods": Rule(("publickey",)),
    "PasswordAuthentication": NO,
    "KbdInteractiveAuthentication": NO,
    "PermitEmptyPasswords": NO,
    "HostbasedAuthentication": NO,
    "IgnoreRhosts": YES,
    "GSSAPIAuthentication": NO_IF_ANY,
    "GSSAPIKeyExchange": NO_IF_ANY,
    "KerberosAuthentication": NO_IF_ANY,
    "PermitRootLogin": NO,
    "AuthorizedKeysCommand": NONE,
    "TrustedUserCAKeys": NONE,
    "AuthorizedPrincipalsFile": NONE,
    "AuthorizedPrincipalsCommand": NONE,
    "PermitUserEnvironment": NO,
    "StrictModes": YES,
    # without it nobody asks whether an account has expired
    "UsePAM": YES,
    "PAMServiceName": Rule(("sshd",), optional=True),
    # these shut people out, or put them somewhere else
    "AllowUsers": ABSENT,
    "DenyUsers": ABSENT,
    "AllowGroups": ABSENT,
    "DenyGroups": ABSENT,
    "RefuseConnection": NO_IF_ANY,
    "ForceCommand": NONE,
    "ChrootDirectory": NONE,
    "RDomain": Rule(("none",), optional=True),
    "PermitTTY": YES,
    "PermitTunnel": NO,
    "GatewayPorts": NO,
    "X11UseLocalhost": YES,
    "StreamLocalBindMask": Rule(("0177",)),
    "StreamLocalBindUnlink": NO,
    # these give a session a library to load, root one, or root and a person a program to run
    "SetEnv": ABSENT,
    "AcceptEnv": Rule(("LANG", "LC_*", "COLORTERM", "NO_COLOR"), optional=True, words=True),
    "SecurityKeyProvider": Rule(("internal",)),
    "Subsystem": Rule(
        (
            "sftp /usr/lib/openssh/sftp-server",
            "sftp /usr/libexec/openssh/sftp-server",
            "sftp internal-sftp",
        ),
        optional=True,
    ),
    "XAuthLocation": Rule(("/usr/bin/xauth", "none"), optional=True),
    "SshdSessionPath": Rule(
        ("/usr/lib/openssh/sshd-session", "/usr/libexec/openssh/sshd-session"), optional=True
    ),
    "SshdAuthPath": Rule(
        ("/usr/lib/openssh/sshd-auth", "/usr/libexec/openssh/sshd-auth"), optional=True
    ),
    # its owner's ~/.ssh/rc is his own affair; /etc/ssh/sshrc is looked for apart
    "PermitUserRC": Rule(("yes", "no")),
    # these show a file to whoever comes, or take who he is from elsewhere
    "Banner": NONE,
    "HostKey": Rule(
        tuple(f"/etc/ssh/ssh_host_{kind}_key" for kind in ("rsa", "ecdsa", "ed25519")), words=True
    ),
    "HostKeyAgent": NONE,
    "HostCertificate": Rule(("none",), optional=True),
    "ModuliFile": Rule(("/etc/ssh/moduli",)),
    "PidFile": Rule(("/run/sshd.pid", "/var/run/sshd.pid")),
    # without its lines nobody sees who came, and no jail who tried
    "LogLevel": Rule(("INFO", "VERBOSE", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3")),
    "SyslogFacility": Rule(("AUTH", "AUTHPRIV")),
}
FILES = "AuthorizedKeysFile"
# They say how a connection is kept, what it may carry for somebody who is in, and how it is
# encrypted. Where sshd listens is seen by its sockets.
OPENS_NOTHING = frozenset(
    name.lower()
    for name in (
        *("Port", "AddressFamily", "ListenAddress", "LoginGraceTime", "LogVerbose"),
        *("X11DisplayOffset", "X11Forwarding", "MaxAuthTries", "MaxSessions", "MaxStartups"),
        *("ClientAliveInterval", "ClientAliveCountMax", "TCPKeepAlive", "Compression", "IPQoS"),
        *("RequiredRSASize", "UnusedConnectionTimeout", "ChannelTimeout", "RekeyLimit", "UseDNS"),
        *("PrintMotd", "PrintLastLog", "FingerprintHash", "ExposeAuthInfo", "VersionAddendum"),
        *("DebianBanner", "DisableForwarding", "AllowTcpForwarding", "AllowAgentForwarding"),
        *("AllowStreamLocalForwarding", "PermitOpen", "PermitListen", "RevokedKeys"),
        *("PerSourceMaxStartups", "PerSourceNetBlockSize", "PerSourcePenalties"),
        *("PerSourcePenaltyExemptList", "PubkeyAuthOptions", "Ciphers", "MACs", "KexAlgorithms"),
        *("HostKeyAlgorithms", "PubkeyAcceptedAlgorithms", "CASignatureAlgorithms"),
        # of what is off as a whole
        *("IgnoreUserKnownHosts", "HostbasedUsesNameFromPacketOnly", "HostbasedAcceptedAlgorithms"),
        *("KerberosOrLocalPasswd", "KerberosTicketCleanup", "KerberosGetAFSToken"),
        *("GSSAPICleanupCredentials", "GSSAPIStrictAcceptorCheck", "GSSAPIKexAlgorithms"),
        *("GSSAPIStoreCredentialsOnRekey", "GSSAPIEnablek5users"),
        *("AuthorizedKeysCommandUser", "AuthorizedPrincipalsCommandUser"),
    )
)
KNOWN = OPENS_NOTHING | {name.lower() for name in (*KEYWORDS, FILES)}
