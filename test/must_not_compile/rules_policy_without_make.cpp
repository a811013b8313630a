// A rule's policy exists only if its configuration was valid: there is no other way to one than make().
#include <gatehouse/rules/standard_set.hpp>

bool exists() {
#ifdef MUST_NOT_COMPILE
  const gatehouse::host_check_policy made;
  return made.check("localhost", true, false) == gatehouse::reason::none;
#else
  const auto made = gatehouse::host_check_policy::make({});
  return made && (*made)->check(*gatehouse::authority::parse("localhost"), true, false) == gatehouse::reason::none;
#endif
}
