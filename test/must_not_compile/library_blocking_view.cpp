// A view into the request must not reach another thread.
#include <gatehouse/gatehouse.hpp>
namespace gh = gatehouse;
#ifdef MUST_NOT_COMPILE
using name = std::string_view;
#else
using name = std::string;
#endif
void add(gh::app& app) {
  app.get("/:name", gh::blocking([](gh::path<"name", name> n) { return std::string{*n}; }));
}
