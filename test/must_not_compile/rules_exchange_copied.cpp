// An exchange is the place its views point to; a copy of it would point into the original.
#include <gatehouse/rules/exchange.hpp>

#ifdef MUST_NOT_COMPILE
using parameter = gatehouse::exchange;
#else
using parameter = gatehouse::exchange&;
#endif

gatehouse::reason why_of(parameter e) { return e.why; }
gatehouse::reason why_of_this(gatehouse::exchange& e) { return why_of(e); }
