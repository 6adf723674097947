"""The forecast of the fund: where it starts, which growth is asked for, the standard cases."""
