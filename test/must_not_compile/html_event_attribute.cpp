// Nor in an attribute that is code.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html button(const std::string& name) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format("<button onclick=\"greet('{}')\">", name);
#else
  return gh::html::format("<button value=\"{}\">", name);
#endif
}
