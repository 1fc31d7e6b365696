"""List what a compositor offers: the globals of its registry."""

import wayfold


def main() -> None:
    with wayfold.connect() as client:
        for offered in client.state.globals.values():
            bound = ", ".join(offered.bound)
            print(f"{offered.name:3}  {offered.interface} version {offered.version}  {bound}")


if __name__ == "__main__":
    main()
