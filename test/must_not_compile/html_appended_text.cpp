// Nor is it when it is appended.
#include <string>

#include <gatehouse/encode.hpp>
namespace gh = gatehouse;
void add(gh::html& page, const char* text) {
#ifdef MUST_NOT_COMPILE
  page += text;
#else
  page += gh::html::encoded(text);
#endif
}
