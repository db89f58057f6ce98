"""Side-by-side benches: Passerelle and its peers on the same simulated servers. Run with `python -m bench`."""

from passerelle.app.state import configure

configure()  # before anything imports the tables
