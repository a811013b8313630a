// Slots are not destroyed: what owns something can not be kept in one.
#include <string>
#include <string_view>

#include <gatehouse/rules/exchange.hpp>

#ifdef MUST_NOT_COMPILE
using kept = std::string;
#else
using kept = std::string_view;
#endif

void begin(gatehouse::slot& s) { s.begin<kept>(); }
