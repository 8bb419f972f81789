-- 0 for every class of access points.
ALTER TABLE list_entries ADD COLUMN access_point_class smallint NOT NULL DEFAULT 0;
