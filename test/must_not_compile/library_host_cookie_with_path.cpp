// A __Host- cookie has no path and no domain of its own.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
void answer(gh::response& r) {
#ifdef MUST_NOT_COMPILE
  r.host_cookie("session", "1", {.path = "/app"});
#else
  r.host_cookie("session", "1", {.http_only = true});
#endif
}
