-- A camera that reads O for 0 or I for 1 must find one vehicle: plates that differ in these alone are one plate. Where two
-- such are stored already this fails and names the plate; correct one of them at its home site, then migrate again.
CREATE UNIQUE INDEX vehicles_by_plate_seen ON vehicles (translate(plate, 'IO', '10')) WHERE plate <> '';
