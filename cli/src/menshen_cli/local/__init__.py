"""The suite on one machine: embedded servers, processes on a tether, certificates, and the order they start in."""
