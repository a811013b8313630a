// One argument for each placeholder.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html p(const std::string& name) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format("<p>{} {}</p>", name);
#else
  return gh::html::format("<p>{} {}</p>", name, 1);
#endif
}
