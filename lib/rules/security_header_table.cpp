#include "security_header_table.hpp"

namespace gatehouse::detail::rules {
namespace {

constexpr std::string_view nothing_loads =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// What the unmodified build of a frontend needs (Vite, React): scripts and styles of its own, small assets that the
// build has put inline as data:, and the <style> elements that libraries add while they run. No script that is inline.
constexpr std::string_view own_frontend =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' "
    "data:; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action "
    "'self'; frame-ancestors 'none'; object-src 'none'";
// A page that an application renders: only scripts to which it gave the nonce of the response, and what they load.
constexpr std::string_view rendered_page =
    "default-src 'none'; script-src 'nonce' 'strict-dynamic'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script';upgrade-insecure-requests";
constexpr std::string_view as_helmet =
    "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src "
    "'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: "
    "'unsafe-inline';upgrade-insecure-requests";
static_assert(rendered_page.ends_with(upgrade_insecure_requests) && as_helmet.ends_with(upgrade_insecure_requests));
// OWASP Secure Headers Project, "headers to add", list of 2026-07-19 (Apache-2.0).
constexpr std::string_view no_features =
    "accelerometer=(), autoplay=(), camera=(), cross-origin-isolated=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(), geolocation=(), gyroscope=(), keyboard-map=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), sync-xhr=(self), usb=(), "
    "web-share=(), xr-spatial-tracking=(), clipboard-read=(), clipboard-write=(), gamepad=(), hid=(), "
    "idle-detection=(), interest-cohort=(), serial=(), unload=()";
constexpr std::string_view two_years = "max-age=63072000; includeSubDomains";
constexpr std::string_view unstored = "no-store, max-age=0";

using config = security_headers_config;
using enum header_mode;
using enum header_lines;

// spec/browser_hardening.md section 2; "helmet" is what npm's helmet 8 sends by itself. X-Content-Type-Options has one
// value and no reason to be off: without it a browser executes JSON that a page includes as a script.
constexpr security_header table[] = {
    {field::content_security_policy,
     "content_security_policy",
     &config::content_security_policy,
     check_content_security_policy,
     if_absent,
     many,
     {nothing_loads, nothing_loads, own_frontend, rendered_page, as_helmet}},
    {field::content_security_policy_report_only,
     "content_security_policy_report_only",
     &config::content_security_policy_report_only,
     check_content_security_policy_report_only,
     if_absent,
     many,
     {}},
    {field::strict_transport_security,
     "strict_transport_security",
     &config::strict_transport_security,
     check_strict_transport_security,
     overridden,
     one,
     {two_years, two_years, two_years, two_years, "max-age=31536000; includeSubDomains"}},
    {field::x_content_type_options,
     nullptr,
     nullptr,
     nullptr,
     overridden,
     one,
     {"nosniff", "nosniff", "nosniff", "nosniff", "nosniff"}},
    {field::x_frame_options,
     "x_frame_options",
     &config::x_frame_options,
     check_x_frame_options,
     overridden,
     one,
     {"DENY", "DENY", "DENY", "DENY", "SAMEORIGIN"}},
    // A page's own forms shall have an Origin: with no-referrer browsers send "null" (Fetch, append a request `Origin`
    // header, step 4).
    {field::referrer_policy,
     "referrer_policy",
     &config::referrer_policy,
     check_referrer_policy,
     overridden,
     many,
     {"no-referrer", "no-referrer", "same-origin", "same-origin", "no-referrer"}},
    {field::cross_origin_resource_policy,
     "cross_origin_resource_policy",
     &config::cross_origin_resource_policy,
     check_cross_origin_resource_policy,
     if_absent,
     one,
     {"same-origin", "same-origin", "same-origin", "same-origin", "same-origin"}},
    {field::cross_origin_opener_policy,
     "cross_origin_opener_policy",
     &config::cross_origin_opener_policy,
     check_cross_origin_opener_policy,
     if_absent,
     one,
     {"same-origin", "same-origin", "same-origin", "same-origin", "same-origin"}},
    {field::cross_origin_opener_policy_report_only,
     "cross_origin_opener_policy_report_only",
     &config::cross_origin_opener_policy_report_only,
     check_cross_origin_opener_policy,
     if_absent,
     one,
     {}},
    // The files of a frontend are meant to be cached; what is not says so itself. (Pages with a nonce are never
    // stored.)
    {field::cache_control,
     "cache_control",
     &config::cache_control,
     check_cache_control,
     if_absent,
     many,
     {unstored, unstored, "", "", ""}},
    {field::cross_origin_embedder_policy,
     "cross_origin_embedder_policy",
     &config::cross_origin_embedder_policy,
     check_cross_origin_embedder_policy,
     overridden,
     one,
     {"", "require-corp", "", "", ""}},
    {field::cross_origin_embedder_policy_report_only,
     "cross_origin_embedder_policy_report_only",
     &config::cross_origin_embedder_policy_report_only,
     check_cross_origin_embedder_policy,
     if_absent,
     one,
     {}},
    {field::permissions_policy,
     "permissions_policy",
     &config::permissions_policy,
     check_permissions_policy,
     overridden,
     many,
     {"", no_features, "", "", ""}},
    {field::origin_agent_cluster,
     "origin_agent_cluster",
     &config::origin_agent_cluster,
     check_origin_agent_cluster,
     overridden,
     one,
     {"", "", "", "", "?1"}},
    {field::x_dns_prefetch_control,
     "x_dns_prefetch_control",
     &config::x_dns_prefetch_control,
     check_x_dns_prefetch_control,
     overridden,
     one,
     {"", "off", "", "", "off"}},
    {field::x_permitted_cross_domain_policies,
     "x_permitted_cross_domain_policies",
     &config::x_permitted_cross_domain_policies,
     check_x_permitted_cross_domain_policies,
     overridden,
     one,
     {"", "none", "", "", "none"}},
    // Obsolete: only for who wants the whole of helmet.
    {field::x_download_options, nullptr, nullptr, nullptr, overridden, one, {"", "", "", "", "noopen"}},
    {field::x_xss_protection, nullptr, nullptr, nullptr, overridden, one, {"", "", "", "", "0"}},
};

}  // namespace

std::span<const security_header> security_header_table() noexcept { return table; }

}  // namespace gatehouse::detail::rules
