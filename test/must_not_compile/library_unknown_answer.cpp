// What a handler returns says how it is sent.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
using answer = int;
#else
using answer = std::string;
#endif
void add(gh::app& app) {
  app.get("/", [] { return answer{}; });
}
