// A URL from outside may be a script.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html link(const std::string& text) {
#ifdef MUST_NOT_COMPILE
  return gh::html::format("<a href=\"{}\">", text);
#else
  return gh::html::format("<a href=\"{}\">", *gh::encode::safe_url(text));
#endif
}
