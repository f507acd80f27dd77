/** The password of everybody in the tests' teams. */
export const PASSWORD = process.env.ATHAR_TEAM_PASSWORD ?? "a dry well in winter";
