/** Opens a page in Firefox without a window. @returns a function that ends the browser and removes its profile */
export function openFirefox(executable: string, url: string): Promise<() => Promise<void>>;
