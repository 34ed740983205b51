"""The inventories of the toy cloud."""

from imagelabels.providers.kit.inventory import CsvInventory

TOY_INVENTORY = CsvInventory("toy", frozenset({"Colour"}))
