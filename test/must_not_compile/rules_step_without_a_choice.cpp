// A phase says what it wants: there is no step by default that might turn out to mean "pass".
#include <gatehouse/rules/rule.hpp>

#ifdef MUST_NOT_COMPILE
gatehouse::step decide() { return {}; }
#else
gatehouse::step decide() { return gatehouse::step::pass(); }
#endif
