// What a rule keeps in an exchange fits its slot, or there would be an allocation a request.
#include <array>

#include <gatehouse/rules/exchange.hpp>

#ifdef MUST_NOT_COMPILE
using kept = std::array<std::byte, gatehouse::slot::capacity + 1>;
#else
using kept = std::array<std::byte, gatehouse::slot::capacity>;
#endif

void begin(gatehouse::slot& s) { s.begin<kept>(); }
