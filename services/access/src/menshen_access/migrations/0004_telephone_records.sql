-- The number under which the help centre keeps the call that announced somebody; a reference, never a telephone number.
ALTER TABLE review ADD COLUMN telephone_record text NOT NULL DEFAULT '';
