#pragma once

#include <array>
#include <string_view>

namespace gatehouse {

/// The directives of Content-Security-Policy that browsers know: https://www.w3.org/TR/CSP3/ and those that Trusted
/// Types, Mixed Content and Reporting add. Sorted.
inline constexpr std::array<std::string_view, 25> csp_directive_names{
    "base-uri",        "child-src",     "connect-src",
    "default-src",     "font-src",      "form-action",
    "frame-ancestors", "frame-src",     "img-src",
    "manifest-src",    "media-src",     "object-src",
    "report-to",       "report-uri",    "require-trusted-types-for",
    "sandbox",         "script-src",    "script-src-attr",
    "script-src-elem", "style-src",     "style-src-attr",
    "style-src-elem",  "trusted-types", "upgrade-insecure-requests",
    "worker-src"};

}  // namespace gatehouse
