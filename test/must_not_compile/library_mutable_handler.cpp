// A handler runs on several threads at once.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
void add(gh::app& app) {
  int count = 0;
#ifdef MUST_NOT_COMPILE
  app.get("/", [count]() mutable { return std::to_string(++count); });
#else
  app.get("/", [count]() { return std::to_string(count); });
#endif
}
