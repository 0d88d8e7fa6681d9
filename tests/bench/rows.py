"""The rows: what an operation is, who serves it, and what Postern is to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    work: str  # of load_client
    operations: int
    floor: str  # the small server that shows what GnuTLS and the kernel cost
    to_peer: float  # Postern's ceiling as a multiple of the best peer
    to_floor: float | None = None  # and of the floor
    ceiling: float | None = None  # in the row's unit, where the target is not a ratio
    client_certificates: str = ""  # "", same: one for the whole run, new: one a connection
    upstream: bool = False
    peers: tuple[str, ...] = ("nginx",)
    connections: int = 16
    unit: str = "us"

    def identities(self, operations, warm_up):
        if not self.client_certificates:
            return 0
        return operations + warm_up if self.client_certificates == "new" else 1

    def target(self):
        parts = []
        if self.ceiling is not None:
            parts.append(f"{self.ceiling:g} {self.unit}")
        else:
            peer = self.peers[0] if len(self.peers) == 1 else "the best"
            parts.append(f"{self.to_peer:g} x {peer}")
        if self.to_floor is not None:
            parts.append(f"{self.to_floor:g} x {self.floor}")
        return ", ".join(parts)

    def best_peer(self, figures):
        return min(figures[name] for name in self.peers)

    def reached(self, figures):
        """Whether Postern's figure is within every part of the target."""
        postern = figures["Postern"]
        if self.ceiling is not None and postern > self.ceiling:
            return False
        if self.ceiling is None and postern > self.to_peer * self.best_peer(figures):
            return False
        return self.to_floor is None or postern <= self.to_floor * figures[self.floor]


ROWS = [
    Row("handshake", "full handshake + 1 request", "handshakes", 4000, "bare loop", 1.0,
        to_floor=1.1),
    Row("seen", "same, client certificate, 4 plugins: seen before", "handshakes", 2500,
        "bare loop", 0.48, client_certificates="same"),
    Row("new", "same, client certificate, 4 plugins: never seen", "handshakes", 2500,
        "bare loop", 0.68, client_certificates="new"),
    Row("resumed", "resumed handshake, client certificate, 4 plugins", "resumptions", 4000,
        "bare loop", 0.45, client_certificates="same"),
    Row("proxied", "keep-alive request, client certificate, 4 plugins, to HTTP upstream",
        "requests", 60000, "byte relay", 1.0, to_floor=1.25, client_certificates="same",
        upstream=True, peers=("nginx", "HAProxy"), connections=32),
    Row("memory", "resident memory per idle connection", "idle", 2000, "bare loop", 1.0,
        ceiling=28, client_certificates="new", unit="KiB"),
]
