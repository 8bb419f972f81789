-- Differences go with the events they name, and those with their days.
CREATE INDEX shadow_difference_by_day ON shadow_difference (day, site);
