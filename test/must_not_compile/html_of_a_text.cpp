// Text is no HTML until it is encoded.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
gh::html of(const std::string& text) {
#ifdef MUST_NOT_COMPILE
  return gh::html{text};
#else
  return gh::html::encoded(text);
#endif
}
