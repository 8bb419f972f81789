"""What a plan with its policies would do to people, found before anybody relies on it.

The readers refuse what has the wrong form or names what is not defined. The analysis reads what they accepted and finds
what cannot be meant: clauses nobody ever meets, requirements on facts nobody supplies, access points nobody passes,
areas nobody can leave. An ERROR is certain and makes a document unfit; a WARNING may be meant and is shown. Where the
plan does not tell, the analysis is silent. Pure: the time of the check is an argument.
"""

from menshen_rulebook.analysis.analyse import analyse, analyse_policies
from menshen_rulebook.analysis.finding import Finding
from menshen_rulebook.analysis.sentences import Severity
from menshen_rulebook.analysis.supplied import Supply

__all__ = ["Finding", "Severity", "Supply", "analyse", "analyse_policies"]
