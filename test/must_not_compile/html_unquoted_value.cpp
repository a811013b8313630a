// A value without quotes ends at a space.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html input(const std::string& name) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format("<input value={}>", name);
#else
  return gh::html::format("<input value=\"{}\">", name);
#endif
}
