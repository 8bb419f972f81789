-- The access point a passage led through; empty for places forgiven and for what was derived before this was kept.
ALTER TABLE transition ADD COLUMN access_point text NOT NULL DEFAULT '';
