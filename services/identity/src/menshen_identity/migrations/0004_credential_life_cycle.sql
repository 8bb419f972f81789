-- replaces: the credential of the same holder that the first use of this one retires. stands_in_for: what a loan card
-- stands in for. Both empty for none. is_code: made for a window, and forgotten some days after it. only_site: what
-- opens once opens at one site alone, because what was used is known at one site alone; empty for all that know the holder.
ALTER TABLE credentials ADD COLUMN replaces text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN stands_in_for text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN single_use boolean NOT NULL DEFAULT false;
ALTER TABLE credentials ADD COLUMN pin_required boolean NOT NULL DEFAULT false;
ALTER TABLE credentials ADD COLUMN is_code boolean NOT NULL DEFAULT false;
ALTER TABLE credentials ADD COLUMN only_site text COLLATE "C" NOT NULL DEFAULT '';
